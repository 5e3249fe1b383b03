//! Chromedriver, started on a free port, and a session of a headless Chromium, spoken to in the WebDriver protocol. The
//! protocol is JSON over HTTP on this machine: these few lines stand in for a client library with an async runtime and TLS.

use serde_json::{Value, json};
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Longer than any script of a case may run.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(200);
/// How long a script may run in the page, in milliseconds.
const SCRIPT_TIMEOUT_MS: u64 = 180_000;

/// Why a case did not go on: a word for the person who reads the report.
#[derive(Debug, Clone)]
pub struct Failure(pub String);

/// What a step of a case gives.
pub type Outcome<T = ()> = Result<T, Failure>;

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Failure(reason)
    }
}

impl From<&str> for Failure {
    fn from(reason: &str) -> Self {
        Failure(reason.to_owned())
    }
}

/// A running chromedriver. It ends with this value.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    /// Starts the program and waits until it listens.
    ///
    /// # Errors
    /// When it cannot be started or does not say its port within half a minute.
    pub fn start(program: &Path) -> Outcome<Driver> {
        let refused = |error| Failure(format!("{} could not be started: {error}", program.display()));
        let mut child = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(refused)?;
        let (sender, receiver) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            // The thread reads on after the port was found: a full pipe would stop the driver.
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    let port = line.split_once("started successfully on port ").map(|(_, rest)| rest);
                    if let Some(port) = port.and_then(|rest| rest.trim_end_matches('.').parse::<u16>().ok()) {
                        // Nobody listens any more when the wait below was over: then the port no longer matters.
                        let _ = sender.send(port);
                    }
                }
            });
        }
        let mut driver = Driver { child, port: 0 };
        driver.port = receiver
            .recv_timeout(Duration::from_secs(30))
            .map_err(|_| Failure(format!("{} did not say on which port it listens", program.display())))?;
        Ok(driver)
    }

    /// One exchange with the driver: the `value` of its answer.
    fn call(&self, method: &str, path: &str, body: &Value) -> Outcome<Value> {
        let (status, text) = self
            .exchange(method, path, body)
            .map_err(|error| Failure(format!("chromedriver does not answer: {error}")))?;
        let answer: Value = serde_json::from_str(&text)
            .map_err(|error| Failure(format!("chromedriver's answer is no JSON: {error}")))?;
        let value = answer.get("value").cloned().unwrap_or(Value::Null);
        if status == 200 {
            return Ok(value);
        }
        let message = value["message"].as_str().unwrap_or(&text);
        // The rest of the message is the driver's own stack.
        Err(Failure(message.lines().next().unwrap_or_default().to_owned()))
    }

    fn exchange(&self, method: &str, path: &str, body: &Value) -> std::io::Result<(u16, String)> {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let status = line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut text = vec![0; length];
        reader.read_exact(&mut text)?;
        Ok((status, String::from_utf8_lossy(&text).into_owned()))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Gone already is as good as ended now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One running browser with a profile of its own. It closes with this value.
#[derive(Debug)]
pub struct Session<'driver> {
    driver: &'driver Driver,
    path: String,
    profile: PathBuf,
}

impl<'driver> Session<'driver> {
    /// Opens a browser.
    ///
    /// # Errors
    /// When the browser does not start.
    pub fn open(driver: &'driver Driver, chromium: &Path, headed: bool) -> Outcome<Session<'driver>> {
        let profile = std::env::temp_dir().join(format!("kafkascope-browser-{}", driver.port));
        let mut args = vec![
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--lang=en-US",
        ];
        if !headed {
            args.push("--headless");
        }
        let user_data = format!("--user-data-dir={}", profile.display());
        args.push(&user_data);
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"binary": chromium, "args": args},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": SCRIPT_TIMEOUT_MS, "pageLoad": 60_000},
        }}});
        let value = driver.call("POST", "/session", &wanted)?;
        let id = value["sessionId"].as_str().ok_or("chromedriver gave no session")?;
        Ok(Session { driver, path: format!("/session/{id}"), profile })
    }

    /// A command of the protocol with a body; `path` is what follows the session's own.
    ///
    /// # Errors
    /// What the driver refuses, in its words.
    pub fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.driver.call("POST", &format!("{}{path}", self.path), body)
    }

    /// A command of the protocol that only asks.
    ///
    /// # Errors
    /// What the driver refuses, in its words.
    pub fn get(&self, path: &str) -> Outcome<Value> {
        self.driver.call("GET", &format!("{}{path}", self.path), &Value::Null)
    }

    /// A command of the protocol that closes something.
    ///
    /// # Errors
    /// What the driver refuses, in its words.
    pub fn delete(&self, path: &str) -> Outcome<Value> {
        self.driver.call("DELETE", &format!("{}{path}", self.path), &Value::Null)
    }

    /// A command of the DevTools protocol, for what WebDriver has no word for.
    ///
    /// # Errors
    /// What the browser refuses, in its words.
    pub fn devtools(&self, command: &str, params: &Value) -> Outcome<Value> {
        self.post("/goog/cdp/execute", &json!({"cmd": command, "params": params}))
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        // A browser that crashed has no session to close, and a profile left in the temporary folder harms nobody.
        let _ = self.delete("");
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
