//! A server that answers what it was told to and remembers every byte of what it was asked, for what a model of GitHub is
//! too polite for.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use followup::tracker::github::{Credentials, GitHub, Settings};

/// The token that every client here signs in with.
pub(crate) const TOKEN: &str = "ghp_of_the_team";

/// What becomes of one request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// An answer: status, headers, body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The request is read, and the connection closed.
    HangUp,
    /// The request is read, and nothing comes.
    Silence,
    /// A head, and then a space from time to time, for as long as somebody listens.
    Drip,
    /// A head, and then spaces for as long as somebody listens.
    Endless,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::Answer(status, Vec::new(), body.to_owned())
    }

    pub(crate) fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        let Self::Answer(status, mut headers, body) = self else { return self };
        headers.push((name, value.into()));
        Self::Answer(status, headers, body)
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `GET /path`
    pub(crate) line: String,
    /// In lower case, in order.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    /// All values of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(at, _)| at == name).map(|(_, value)| value.as_str()).collect()
    }
}

#[derive(Debug, Default)]
struct State {
    replies: VecDeque<Reply>,
    asked: Vec<Asked>,
    silent: Vec<TcpStream>,
}

/// The server.
#[derive(Debug)]
pub(crate) struct Wire {
    port: u16,
    state: Arc<Mutex<State>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Wire {
    /// It gives these replies in order, and 404 after them.
    pub(crate) fn replying(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { replies: replies.into_iter().collect(), ..State::default() };
        let (state, stopped) = (Arc::new(Mutex::new(state)), Arc::<AtomicBool>::default());
        let thread = {
            let (state, stopped) = (Arc::clone(&state), Arc::clone(&stopped));
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    if stopped.load(Ordering::SeqCst) {
                        return;
                    }
                    let (state, stopped) = (Arc::clone(&state), Arc::clone(&stopped));
                    // Clients hang up in the middle: that is no news.
                    std::thread::spawn(move || serve(stream, &state, &stopped).ok());
                }
            })
        };
        Self { port, state, stopped, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }

    /// The same, as `GET /path`.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    /// A client of the API at `path` of this server.
    pub(crate) fn client(&self, path: &str) -> GitHub {
        self.patient_client(path, Duration::from_secs(20))
    }

    /// One that waits so long for an answer.
    pub(crate) fn patient_client(&self, path: &str, request_timeout: Duration) -> GitHub {
        let settings = Settings {
            api_url: format!("{}{path}", self.url()),
            credentials: Some(Credentials::from(TOKEN)),
            may_be_anonymous: false,
            request_timeout,
            label: "corrective-action".to_owned(),
        };
        GitHub::new(settings).unwrap()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // It waits for a caller.
        TcpStream::connect(("127.0.0.1", self.port)).ok();
        self.thread.take().map(JoinHandle::join);
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>, stopped: &AtomicBool) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(()) };
    let line = format!("{method} {path}");
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let reply = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked.push(Asked { line, headers, body });
        state.replies.pop_front().unwrap_or_else(|| Reply::json(404, "{\"message\":\"Not Found\"}"))
    };
    let head = "HTTP/1.1 200 Answer\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n";
    match reply {
        Reply::Answer(status, headers, body) => {
            write!(stream, "HTTP/1.1 {status} Answer\r\nconnection: close\r\n")?;
            for (name, value) in headers {
                write!(stream, "{name}: {value}\r\n")?;
            }
            write!(stream, "content-length: {}\r\n\r\n{body}", body.len())
        }
        Reply::HangUp => Ok(()),
        Reply::Silence => {
            state.lock().unwrap_or_else(PoisonError::into_inner).silent.push(stream);
            Ok(())
        }
        Reply::Drip => {
            stream.write_all(head.as_bytes())?;
            while !stopped.load(Ordering::SeqCst) {
                stream.write_all(b" ")?;
                std::thread::park_timeout(Duration::from_millis(5));
            }
            Ok(())
        }
        Reply::Endless => {
            stream.write_all(head.as_bytes())?;
            let spaces = vec![b' '; 1 << 20];
            while !stopped.load(Ordering::SeqCst) {
                stream.write_all(&spaces)?;
            }
            Ok(())
        }
    }
}
