//! A small server for the built page. It serves it under a path of several parts, as a person's own web server may do.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The path that the page is served under.
const UNDER: &str = "/some/sub/path/";

/// Serves a folder on a free port of this machine until the process ends.
#[derive(Debug)]
pub struct Server {
    port: u16,
}

impl Server {
    /// Starts to serve the folder.
    ///
    /// # Errors
    /// When there is no index.html in it, or no port to be had.
    pub fn start(dist: &Path) -> io::Result<Server> {
        let dist = dist.canonicalize()?;
        fs::metadata(dist.join("index.html"))?;
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let dist = dist.clone();
                // A browser that hangs up in the middle is no failure of the page.
                thread::spawn(move || answer(stream, &dist).ok());
            }
        });
        Ok(Server { port })
    }

    /// The page's address, with a slash at its end.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}{UNDER}", self.port)
    }
}

fn answer(mut stream: TcpStream, dist: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    // The headers are read to their end: closing a socket with unread bytes resets the connection.
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let target = request.split_whitespace().nth(1).unwrap_or_default();
    let (status, kind, body) = match file(dist, target) {
        // A browser asks for one by itself when it opens what is no HTML: that it is missing is no error of the page.
        None if target == "/favicon.ico" => ("204 No Content", "image/x-icon", Vec::new()),
        Some(path) => ("200 OK", kind(&path), fs::read(&path)?),
        None => ("404 Not Found", "text/plain; charset=utf-8", format!("nothing at {target}\n").into_bytes()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}

/// The file that a request target names; only files of the folder itself, and none for what lies outside of `UNDER`.
fn file(dist: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix(UNDER)?;
    let path = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    let full = dist.join(path).canonicalize().ok()?;
    (full.starts_with(dist) && full.is_file()).then_some(full)
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
