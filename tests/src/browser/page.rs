//! What a case can do with the page: open it, click, press keys, read, wait, look.

use crate::browser::driver::{Failure, Outcome, Session};
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait for what should come soon. Generous: a test machine may be busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A tab of the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab(String);

/// The page in a tab of its own, as a case sees it.
///
/// `css` is a selector; what is looked for is waited for. Every method fails with a reason that names what it looked for.
#[derive(Debug)]
pub struct Page<'session> {
    session: &'session Session<'session>,
    address: String,
    screenshots: PathBuf,
    first: Tab,
    opened: Vec<Tab>,
    size: (u32, u32),
}

impl<'session> Page<'session> {
    /// A fresh tab with empty storage. The page itself is not opened yet.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn new(session: &'session Session<'session>, address: String, screenshots: PathBuf) -> Outcome<Page<'session>> {
        let first = Tab(session.get("/window")?.as_str().unwrap_or_default().to_owned());
        let mut page = Page { session, address, screenshots, first, opened: Vec::new(), size: (1280, 800) };
        page.new_tab()?;
        let origin = page.address.split('/').take(3).collect::<Vec<_>>().join("/");
        session.devtools("Storage.clearDataForOrigin", &json!({"origin": origin, "storageTypes": "all"}))?;
        page.console_errors()?;
        Ok(page)
    }

    /// Closes the tabs of this case.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn close(self) -> Outcome {
        for tab in &self.opened {
            self.session.post("/window", &json!({"handle": tab.0}))?;
            self.session.delete("/window")?;
        }
        self.session.post("/window", &json!({"handle": self.first.0}))?;
        Ok(())
    }

    /// Opens the page in a window of that many CSS pixels. `path` follows the page's own address: `""`, `"?embed"`, `"#run=…"`.
    ///
    /// # Errors
    /// When it does not load.
    pub fn open(&mut self, path: &str, width: u32, height: u32) -> Outcome {
        self.resize(width, height)?;
        // An address that differs in its fragment alone would not load anew.
        self.session.post("/url", &json!({"url": "about:blank"}))?;
        self.session.post("/url", &json!({"url": format!("{}{path}", self.address)}))?;
        Ok(())
    }

    /// Opens exactly this address, such as a link that the page made.
    ///
    /// # Errors
    /// When it does not load.
    pub fn open_address(&mut self, address: &str) -> Outcome {
        self.session.post("/url", &json!({"url": address}))?;
        Ok(())
    }

    /// The address in the address bar.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn address(&self) -> Outcome<String> {
        Ok(self.session.get("/url")?.as_str().unwrap_or_default().to_owned())
    }

    /// The browser's own Back.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn browser_back(&mut self) -> Outcome {
        self.session.post("/back", &json!({})).map(|_| ())
    }

    /// Loads the page anew.
    ///
    /// # Errors
    /// When it does not load.
    pub fn reload(&mut self) -> Outcome {
        self.session.post("/refresh", &json!({})).map(|_| ())
    }

    /// Gives the window this size in CSS pixels; a narrow one behaves as a phone's.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn resize(&mut self, width: u32, height: u32) -> Outcome {
        self.size = (width, height);
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.session.devtools("Emulation.setDeviceMetricsOverride", &metrics).map(|_| ())
    }

    /// Sets what the person prefers, as their system would: `[("prefers-color-scheme", "dark"), ("prefers-reduced-motion", "reduce")]`.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn prefer(&mut self, features: &[(&str, &str)]) -> Outcome {
        let features: Vec<Value> = features.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        self.session.devtools("Emulation.setEmulatedMedia", &json!({"features": features})).map(|_| ())
    }

    /// Opens a further tab and goes there; the page is not opened in it yet.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn new_tab(&mut self) -> Outcome<Tab> {
        let made = self.session.post("/window/new", &json!({"type": "tab"}))?;
        let tab = Tab(made["handle"].as_str().unwrap_or_default().to_owned());
        self.opened.push(tab.clone());
        self.go_to(&tab)?;
        self.resize(self.size.0, self.size.1)?;
        Ok(tab)
    }

    /// The tab that the case is in.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn tab(&self) -> Outcome<Tab> {
        Ok(Tab(self.session.get("/window")?.as_str().unwrap_or_default().to_owned()))
    }

    /// Goes to another tab.
    ///
    /// # Errors
    /// When it was closed.
    pub fn go_to(&mut self, tab: &Tab) -> Outcome {
        self.session.post("/window", &json!({"handle": tab.0})).map(|_| ())
    }

    /// Clicks as a person does: in the middle of the element, which must be visible and not covered.
    ///
    /// # Errors
    /// When it does not come, or cannot be clicked.
    pub fn click(&mut self, css: &str) -> Outcome {
        let mut attempts = 0;
        loop {
            let element = self.element(css)?;
            let clicked = self.session.post(&format!("/element/{element}/click"), &json!({}));
            let Err(failure) = clicked else { return Ok(()) };
            attempts += 1;
            // A person scrolls what is pressed out from behind the foot of the page. What covers it still, covers it.
            if attempts == 1 && failure.0.contains("click intercepted") {
                self.run("arguments[0].scrollIntoView({block: 'center'})", &[json!({ELEMENT: element})])?;
                continue;
            }
            // What has just been fetched is drawn anew between the look and the press.
            if attempts == 5 || !failure.0.contains("stale element") {
                return Err(Failure(format!("cannot click {css}: {failure}")));
            }
        }
    }

    /// Presses a key on whatever has the focus: a character, or a name such as `ArrowRight`, with modifiers before it:
    /// `Shift+ArrowRight`.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn key(&mut self, key: &str) -> Outcome {
        let parts = if key == "+" { vec!["+"] } else { key.split('+').collect() };
        let codes = parts.iter().map(|part| key_code(part)).collect::<Outcome<Vec<_>>>()?;
        let down = codes.iter().map(|code| json!({"type": "keyDown", "value": code}));
        let up = codes.iter().rev().map(|code| json!({"type": "keyUp", "value": code}));
        let actions: Vec<Value> = down.chain(up).collect();
        self.session
            .post("/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]}))
            .map(|_| ())
    }

    /// Empties a field and types into it.
    ///
    /// # Errors
    /// When it does not come, or takes no text.
    pub fn fill(&mut self, css: &str, text: &str) -> Outcome {
        let element = self.element(css)?;
        self.session.post(&format!("/element/{element}/clear"), &json!({}))?;
        self.session.post(&format!("/element/{element}/value"), &json!({"text": text})).map(|_| ())
    }

    /// The visible text of an element; an SVG's text as well.
    ///
    /// # Errors
    /// When it does not come.
    pub fn text(&self, css: &str) -> Outcome<String> {
        let element = self.element(css)?;
        Ok(self.session.get(&format!("/element/{element}/text"))?.as_str().unwrap_or_default().to_owned())
    }

    /// The texts of every element there is now, in document order.
    ///
    /// # Errors
    /// When the selector is wrong.
    pub fn texts(&self, css: &str) -> Outcome<Vec<String>> {
        let found = self.run(
            "return [...document.querySelectorAll(arguments[0])].map(found => found.textContent)",
            &[json!(css)],
        )?;
        let texts = found.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(texts.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect())
    }

    /// How many elements there are now.
    ///
    /// # Errors
    /// When the selector is wrong.
    pub fn count(&self, css: &str) -> Outcome<u64> {
        let count = self.run("return document.querySelectorAll(arguments[0]).length", &[json!(css)])?;
        Ok(count.as_u64().unwrap_or(0))
    }

    /// An attribute of an element, or nothing when it has none of that name.
    ///
    /// # Errors
    /// When the element does not come.
    pub fn attribute(&self, css: &str, name: &str) -> Outcome<Option<String>> {
        let element = self.element(css)?;
        Ok(self.session.get(&format!("/element/{element}/attribute/{name}"))?.as_str().map(str::to_owned))
    }

    /// Waits until there is such an element.
    ///
    /// # Errors
    /// When it does not come.
    pub fn wait_for(&self, css: &str) -> Outcome {
        self.element(css).map(|_| ())
    }

    /// Waits until the element's text is as wanted, and gives it.
    ///
    /// # Errors
    /// When it never is; the reason tells the last text.
    pub fn wait_for_text(&self, css: &str, wanted: impl Fn(&str) -> bool) -> Outcome<String> {
        let since = Instant::now();
        loop {
            let text = self.text(css)?;
            if wanted(&text) {
                return Ok(text);
            }
            if since.elapsed() > PATIENCE {
                return Err(Failure(format!("the text of {css} stays {text:?}")));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the page's engine can be asked.
    ///
    /// # Errors
    /// When it cannot be for long.
    pub fn wait_for_engine(&self) -> Outcome {
        self.wait_until("the engine answers", |page| Ok(page.eval("typeof window.kafkascope")? == "object"))
    }

    /// Waits until the question is answered with true; `what` names it in the report.
    ///
    /// # Errors
    /// When it never is, or the question fails.
    pub fn wait_until(&self, what: &str, question: impl Fn(&Self) -> Outcome<bool>) -> Outcome {
        let since = Instant::now();
        while !question(self)? {
            if since.elapsed() > PATIENCE {
                return Err(Failure(format!("waited {} s in vain: {what}", PATIENCE.as_secs())));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The value of a JavaScript expression in the page; a promise is awaited.
    ///
    /// # Errors
    /// When it throws; the reason has its message.
    pub fn eval(&self, expression: &str) -> Outcome<Value> {
        self.run(&format!("return ({expression});"), &[])
    }

    /// Runs the body of a JavaScript function in the page with `arguments`, and gives what it returns.
    ///
    /// # Errors
    /// When it throws; the reason has its message.
    pub fn run(&self, body: &str, arguments: &[Value]) -> Outcome<Value> {
        self.session.post("/execute/sync", &json!({"script": body, "args": arguments}))
    }

    /// The bytes that the page's server gives for an address.
    ///
    /// # Errors
    /// When it gives none.
    pub fn fetched(&self, address: &str) -> Outcome<Vec<u8>> {
        let body = "const answer = await fetch(arguments[0]);
            if (!answer.ok) throw new Error(answer.status + ' for ' + arguments[0]);
            const reader = new FileReader();
            reader.readAsDataURL(await answer.blob());
            await new Promise(done => reader.onload = done);
            return reader.result.split(',')[1] ?? '';";
        let text = self.run(body, &[json!(address)])?;
        let text = text.as_str().unwrap_or_default();
        Base64::decode_vec(text).map_err(|error| Failure(format!("{address}: no base64: {error}")))
    }

    /// The errors in the console since the last call: uncaught ones, what was logged as an error, what could not be loaded.
    /// What is left of them when a case ends fails it.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn console_errors(&self) -> Outcome<Vec<String>> {
        let entries = self.session.post("/se/log", &json!({"type": "browser"}))?;
        let severe =
            entries.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter(|entry| entry["level"] == "SEVERE");
        Ok(severe.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect())
    }

    /// Takes a picture of the window into `target/screenshots/NAME.png` and gives its path.
    ///
    /// # Errors
    /// When it cannot be taken or written.
    pub fn screenshot(&self, name: &str) -> Outcome<PathBuf> {
        let picture = self.session.get("/screenshot")?;
        let text = picture.as_str().unwrap_or_default();
        let bytes =
            Base64::decode_vec(text).map_err(|error| Failure(format!("the screenshot is no base64: {error}")))?;
        let path = self.screenshots.join(format!("{}.png", name.replace([' ', '/'], "-")));
        let written = fs::create_dir_all(&self.screenshots).and_then(|()| fs::write(&path, bytes));
        written.map_err(|error| Failure(format!("cannot write {}: {error}", path.display())))?;
        Ok(path)
    }

    /// A command of the DevTools protocol, for what the rest has no word for.
    ///
    /// # Errors
    /// What the browser refuses, in its words.
    pub fn devtools(&self, command: &str, params: &Value) -> Outcome<Value> {
        self.session.devtools(command, params)
    }

    fn element(&self, css: &str) -> Outcome<String> {
        let since = Instant::now();
        loop {
            let found = self.session.post("/elements", &json!({"using": "css selector", "value": css}))?;
            if let Some(id) = found[0][ELEMENT].as_str() {
                return Ok(id.to_owned());
            }
            if since.elapsed() > PATIENCE {
                return Err(Failure(format!("there is no {css}")));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The protocol's code of a key: a character of Unicode's private range for what is no character.
fn key_code(name: &str) -> Outcome<String> {
    let code = match name {
        "Backspace" => '\u{E003}',
        "Tab" => '\u{E004}',
        "Enter" => '\u{E007}',
        "Shift" => '\u{E008}',
        "Control" => '\u{E009}',
        "Alt" => '\u{E00A}',
        "Escape" => '\u{E00C}',
        "Space" => ' ',
        "PageUp" => '\u{E00E}',
        "PageDown" => '\u{E00F}',
        "End" => '\u{E010}',
        "Home" => '\u{E011}',
        "ArrowLeft" => '\u{E012}',
        "ArrowUp" => '\u{E013}',
        "ArrowRight" => '\u{E014}',
        "ArrowDown" => '\u{E015}',
        "Delete" => '\u{E017}',
        one if one.chars().count() == 1 => return Ok(one.to_owned()),
        other => return Err(Failure(format!("there is no key {other}"))),
    };
    Ok(code.to_string())
}
