//! A web server for reports, and for all that a web server can do to somebody who asks it for one.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

/// What is behind a path.
#[derive(Clone, Debug)]
pub(crate) enum Page {
    /// An answer.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// A body that goes on for as long as somebody listens.
    Endless,
    /// A body that ends before the length that was promised.
    BrokenOff,
    /// No answer at all.
    Silence,
}

impl Page {
    pub(crate) fn of(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self::Answer { status: 200, headers, body: body.into() }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: b"no\n".to_vec() }
    }

    /// A page that is elsewhere.
    pub(crate) fn at(location: &str) -> Self {
        Self::Answer { status: 302, headers: vec![("location", location.to_owned())], body: Vec::new() }
    }
}

#[derive(Debug, Default)]
struct State {
    pages: BTreeMap<String, Page>,
    /// The paths that were asked for.
    asked: Vec<String>,
    /// The connections that get no answer.
    silent: Vec<TcpStream>,
}

/// A web server on this machine.
#[derive(Debug)]
pub(crate) struct Website {
    port: u16,
    state: Arc<Mutex<State>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Website {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (state, stopped) = (Arc::<Mutex<State>>::default(), Arc::<AtomicBool>::default());
        let thread = {
            let (state, stopped) = (Arc::clone(&state), Arc::clone(&stopped));
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    if stopped.load(Ordering::SeqCst) {
                        return;
                    }
                    let state = Arc::clone(&state);
                    // Clients hang up in the middle: that is no news.
                    std::thread::spawn(move || answer(stream, &state).ok());
                }
            })
        };
        Self { port, state, stopped, thread: Some(thread) }
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn has(&self, path: &str, page: Page) {
        self.state().pages.insert(path.to_owned(), page);
    }

    /// The paths that were asked for so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Website {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // It waits for a caller.
        TcpStream::connect(("127.0.0.1", self.port)).ok();
        self.thread.take().map(JoinHandle::join);
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let Some(path) = first.strip_prefix("GET ").and_then(|rest| rest.split(' ').next()) else {
        return Ok(());
    };
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let page = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked.push(path.to_owned());
        state.pages.get(path).cloned().unwrap_or_else(|| Page::status(404))
    };
    match page {
        Page::Answer { status, headers, body } => {
            write!(stream, "HTTP/1.1 {status} Answer\r\nconnection: close\r\n")?;
            for (name, value) in headers {
                write!(stream, "{name}: {value}\r\n")?;
            }
            write!(stream, "content-length: {}\r\n\r\n", body.len())?;
            stream.write_all(&body)
        }
        Page::Endless => {
            write!(stream, "HTTP/1.1 200 Answer\r\ncontent-type: text/plain\r\n\r\n")?;
            let line = "- Renew the certificate\n".repeat(4096);
            loop {
                stream.write_all(line.as_bytes())?;
            }
        }
        Page::BrokenOff => write!(stream, "HTTP/1.1 200 Answer\r\ncontent-length: 100\r\n\r\n# Half a"),
        Page::Silence => {
            state.lock().unwrap_or_else(PoisonError::into_inner).silent.push(stream);
            Ok(())
        }
    }
}
