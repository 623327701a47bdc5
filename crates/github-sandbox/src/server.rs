//! The listening side: connections on loopback, each request to the desk, each answer out again, or not.

use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::call::{Answer, Call};
use crate::control;
use crate::desk::{Delivery, Desk};
use crate::post;

/// The desk, behind its lock.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<(Mutex<Desk>, Condvar)>);

impl Shared {
    pub(crate) fn new(desk: Desk) -> Self {
        Self(Arc::new((Mutex::new(desk), Condvar::new())))
    }

    /// A panic in one request must not take the sandbox away from the others.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Desk> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those who wait that something they may wait for has happened.
    pub(crate) fn stir(&self) {
        self.0.1.notify_all();
    }

    /// Waits until this is so, and says whether it was in time.
    pub(crate) fn wait_until(&self, at_most: Duration, so: impl Fn(&mut Desk) -> bool) -> bool {
        let waited = self.0.1.wait_timeout_while(self.lock(), at_most, |desk| !so(desk));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

/// Why a connection ends without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the connection was dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// Serves until `stop` changes or its sender is gone.
pub(crate) async fn serve(listener: TcpListener, shared: Shared, mut stop: watch::Receiver<bool>) {
    tokio::spawn(post::carry(shared.clone()));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        // Accepting fails when the process is out of file handles; those come back.
        let Ok((stream, _)) = accepted else {
            tokio::task::yield_now().await;
            continue;
        };
        let shared = shared.clone();
        let mut stop = stop.clone();
        tokio::spawn(async move {
            let Ok((stream, handle)) = with_handle(stream) else { return };
            let service = service_fn(move |request| answer(shared.clone(), handle.clone(), request));
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // Clients hang up and faults break connections: neither is news.
            tokio::select! {
                _ = connection => {}
                _ = stop.changed() => {}
            }
        });
    }
}

/// A connection, and a second handle on it for setting how it ends.
fn with_handle(stream: TcpStream) -> std::io::Result<(TcpStream, Arc<std::net::TcpStream>)> {
    let stream = stream.into_std()?;
    let handle = Arc::new(stream.try_clone()?);
    Ok((TcpStream::from_std(stream)?, handle))
}

/// Ends with the request, also when its client hangs up before.
struct UnderWay {
    shared: Shared,
    token: Option<String>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.shared.lock().end(&self.token);
    }
}

async fn answer(
    shared: Shared,
    connection: Arc<std::net::TcpStream>,
    request: Request<Incoming>,
) -> Result<Response<Outgoing>, Dropped> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let (delivery, date, latency, _under_way) = {
        let mut desk = shared.lock();
        let mut call = Call::new(&desk.world.url, parts.method.as_str(), &target, parts.headers, body);
        let under_way = UnderWay { token: desk.begin(&mut call), shared: shared.clone() };
        let (delivery, latency) = if call.segments.first().is_some_and(|first| first == "_sandbox") {
            (Delivery::Answer(control::handle(&mut desk, &call)), Duration::ZERO)
        } else {
            (desk.receive(call), desk.latency)
        };
        // Without one, the HTTP library would put the machine's time in: clients read the server's clock from here.
        (delivery, desk.world.clock.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string(), latency, under_way)
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    match delivery {
        Delivery::Answer(answer) => respond(&answer, &date, false),
        Delivery::Half(answer) => respond(&answer, &date, true),
        Delivery::After(wait, answer) => {
            tokio::time::sleep(wait).await;
            respond(&answer, &date, false)
        }
        Delivery::Drop => Err(Dropped),
        Delivery::Reset => {
            // With nothing to linger for, the end of the connection is a reset.
            SockRef::from(&*connection).set_linger(Some(Duration::ZERO)).map_err(|_| Dropped)?;
            Err(Dropped)
        }
        Delivery::Hang => std::future::pending().await,
    }
}

fn respond(answer: &Answer, date: &str, broken: bool) -> Result<Response<Outgoing>, Dropped> {
    let mut response = Response::builder().status(answer.status).header("date", date);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    let length = answer.body.len();
    let sent = if broken { length / 2 } else { length };
    let body = Outgoing { next: Some(answer.body.slice(..sent)), promised: length as u64, broken };
    response.body(body).map_err(|_| Dropped)
}

/// A body that may break off before the length it promised.
struct Outgoing {
    next: Option<Bytes>,
    promised: u64,
    broken: bool,
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        Poll::Ready(match self.next.take() {
            Some(bytes) if !bytes.is_empty() => Some(Ok(Frame::data(bytes))),
            _ if self.broken => Some(Err(Dropped)),
            _ => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        !self.broken && self.next.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}
