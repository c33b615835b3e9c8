//! One loopback server: reads a request, lets faults strike, asks the service, sends or loses the answer.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::{Extension, Router};
use data_encoding::HEXLOWER;
use futures::stream;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use super::fault::{Fault, Faults};
use super::line::{CuttableListener, LineHold};
use super::message::{Answer, Request};
use super::traffic::{Logged, Traffic};
use crate::clock::SimClock;

/// No client of these servers sends more; the real ones refuse far less.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A simulated server without its network.
pub(crate) trait Service: Send + Sync + 'static {
    /// What a write reads before the time passes in which another write may overtake it.
    type Begun: Send;

    /// The route's pattern, for counters and log.
    fn route(&self, request: &Request) -> &'static str;
    /// The first half of a request, at its arrival.
    fn begin(&self, request: &Request) -> Self::Begun;
    /// The second half: carries the request out.
    fn answer(&self, request: &Request, begun: Self::Begun) -> Answer;
    /// How this server words a refusal for want of quota.
    fn throttled(&self, status: u16) -> Answer;
    /// How this server words its own failure.
    fn broken(&self, status: u16) -> Answer;
    /// The same where the wording depends on what was asked.
    fn throttled_at(&self, _request: &Request, status: u16) -> Answer {
        self.throttled(status)
    }
    /// The same where the wording depends on what was asked.
    fn broken_at(&self, _request: &Request, status: u16) -> Answer {
        self.broken(status)
    }
}

/// What a simulator's handle shares with its server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Front {
    pub(crate) clock: SimClock,
    pub(crate) traffic: Traffic,
    pub(crate) faults: Faults,
    latency_micros: Arc<AtomicU64>,
    write_gap_micros: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
}

impl Front {
    pub(crate) fn new(clock: SimClock, latency: Duration) -> Self {
        let front = Self {
            clock,
            ..Self::default()
        };
        front.set_latency(latency);
        front
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latency_micros.store(micros, Ordering::SeqCst);
    }

    /// Time between the two halves of a write, beside the latency.
    pub(crate) fn set_write_gap(&self, gap: Duration) {
        self.write_gap_micros.store(
            u64::try_from(gap.as_micros()).unwrap_or(u64::MAX),
            Ordering::SeqCst,
        );
    }

    fn gap(&self, request: &Request) -> Duration {
        let gap = Duration::from_micros(self.write_gap_micros.load(Ordering::SeqCst));
        if request.method == "GET" {
            self.latency()
        } else {
            self.latency() + gap
        }
    }

    fn latency(&self) -> Duration {
        Duration::from_micros(self.latency_micros.load(Ordering::SeqCst))
    }
}

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stopped: Arc<AtomicBool>,
    accepting: AbortHandle,
}

impl Server {
    pub(crate) fn stop(&self) {
        // Connections that are open already outlive the listener: they are cut at their next request.
        self.stopped.store(true, Ordering::SeqCst);
        self.accepting.abort();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Serves on the loopback address. The service is held weakly: it lives as long as its handles.
pub(crate) async fn start<S: Service>(front: Front, service: &Arc<S>, port: u16) -> io::Result<Server> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    let stopped = Arc::clone(&front.stopped);
    let site = Arc::new(Site {
        front,
        service: Arc::downgrade(service),
    });
    let router = Router::new().fallback(handle::<S>).layer(Extension(site));
    let serving = axum::serve(
        CuttableListener(listener),
        router.into_make_service_with_connect_info::<LineHold>(),
    );
    let task = tokio::spawn(async move {
        // The accept loop has no end of its own.
        drop(serving.await);
    });
    Ok(Server {
        address,
        stopped,
        accepting: task.abort_handle(),
    })
}

struct Site<S> {
    front: Front,
    service: Weak<S>,
}

async fn handle<S: Service>(
    Extension(site): Extension<Arc<Site<S>>>,
    ConnectInfo(hold): ConnectInfo<LineHold>,
    request: axum::extract::Request,
) -> Response {
    let service = site
        .service
        .upgrade()
        .filter(|_| !site.front.stopped.load(Ordering::SeqCst));
    let (Some(service), Some(request)) = (service, read(request).await) else {
        hold.cut();
        return Response::default();
    };
    let front = &site.front;
    let route = service.route(&request);
    let in_flight = front.traffic.enter(&request, route);
    let target = target(&request);
    let fault = front.faults.strike(&request.method, &target);
    let mut exchange = Exchange {
        answer: None,
        applied: false,
    };
    exchange.run(front, &*service, &request, fault.as_ref()).await;
    if exchange.answer.as_ref().is_some_and(|answer| answer.refused) {
        front.traffic.refused();
    }
    let is_read = request.method == "GET" || request.method == "HEAD";
    front.traffic.record(Logged {
        at: front.clock.now(),
        method: request.method.clone(),
        target,
        route: route.to_owned(),
        status: exchange.answer.as_ref().map(|answer| answer.status),
        applied: exchange.applied,
        headers: request
            .headers
            .iter()
            .filter(|(name, _)| name != "authorization")
            .cloned()
            .collect(),
        body: if is_read {
            String::new()
        } else {
            String::from_utf8_lossy(&request.body).into_owned()
        },
    });
    drop(in_flight);
    if let Some(answer) = exchange.answer {
        send(front, answer, matches!(fault, Some(Fault::CutBody)))
    } else {
        hold.cut();
        Response::default()
    }
}

/// One request on its way: `answer` stays empty where the connection is to drop.
struct Exchange {
    answer: Option<Answer>,
    applied: bool,
}

impl Exchange {
    async fn run<S: Service>(
        &mut self,
        front: &Front,
        service: &S,
        request: &Request,
        fault: Option<&Fault>,
    ) {
        let early = match fault {
            Some(Fault::DropBefore) => return,
            Some(Fault::ServerErrorBefore(status)) => Some(service.broken_at(request, *status)),
            Some(Fault::Throttle { status, retry_after }) => {
                Some(throttle(service, request, *status, *retry_after))
            }
            Some(Fault::Html(status)) => Some(proxy_page(*status)),
            None
            | Some(
                Fault::LostAnswer
                | Fault::ServerErrorAfter(_)
                | Fault::Slow(_)
                | Fault::CutBody
                | Fault::Meanwhile(_),
            ) => None,
        };
        if early.is_some() {
            pause(front.latency()).await;
            self.answer = early;
            return;
        }
        let begun = service.begin(request);
        pause(front.gap(request)).await;
        if let Some(Fault::Slow(by)) = fault {
            pause(*by).await;
        }
        if let Some(Fault::Meanwhile(act)) = fault {
            act();
        }
        let answer = service.answer(request, begun);
        self.applied = true;
        self.answer = match fault {
            Some(Fault::LostAnswer) => None,
            Some(Fault::ServerErrorAfter(status)) => Some(service.broken_at(request, *status)),
            None
            | Some(
                Fault::DropBefore
                | Fault::ServerErrorBefore(_)
                | Fault::Throttle { .. }
                | Fault::Slow(_)
                | Fault::CutBody
                | Fault::Html(_)
                | Fault::Meanwhile(_),
            ) => Some(answer),
        };
    }
}

async fn pause(length: Duration) {
    if length.is_zero() {
        // Requests that are under way together take turns, as they would on a busy server.
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(length).await;
    }
}

fn throttle<S: Service>(
    service: &S,
    request: &Request,
    status: u16,
    retry_after: Option<Duration>,
) -> Answer {
    let answer = service.throttled_at(request, status).into_refusal();
    match retry_after {
        Some(after) => answer.with_header("retry-after", after.as_secs().to_string()),
        None => answer,
    }
}

fn proxy_page(status: u16) -> Answer {
    Answer::html(
        status,
        "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in to continue</h1></body></html>",
    )
}

async fn read(request: axum::extract::Request) -> Option<Request> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.ok()?.to_vec();
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    let path = parts.uri.path().to_owned();
    Some(Request {
        method: parts.method.as_str().to_owned(),
        segments: path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(decode)
            .collect(),
        query: url::form_urlencoded::parse(raw_query.as_bytes())
            .into_owned()
            .collect(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect(),
        path,
        raw_query,
        body,
    })
}

/// Percent-decodes a path segment. A plus sign stays one: only queries and forms read it as a space.
fn decode(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).filter(|_| *first == b'%');
        if let Some(decoded) = escaped.and_then(|hex| HEXLOWER.decode(&hex.to_ascii_lowercase()).ok()) {
            bytes.extend(decoded);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn target(request: &Request) -> String {
    if request.raw_query.is_empty() {
        request.path.clone()
    } else {
        format!("{}?{}", request.path, request.raw_query)
    }
}

fn send(front: &Front, answer: Answer, cut: bool) -> Response {
    let length = answer.body.len();
    let body = if cut {
        half(answer.body.into_bytes())
    } else {
        Body::from(answer.body)
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let date = front.clock.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    headers.extend(
        HeaderValue::from_str(&date)
            .ok()
            .map(|value| (header::DATE, value)),
    );
    if cut {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// The first half of a body, and then the end of the connection. The pause lets the half leave first.
fn half(mut body: Vec<u8>) -> Body {
    body.truncate(body.len() / 2);
    let pieces = stream::unfold(Some(body), |piece| async move {
        match piece {
            Some(body) if !body.is_empty() => Some((Ok(body), Some(Vec::new()))),
            Some(_) => {
                tokio::time::sleep(Duration::from_millis(5)).await;
                Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), None))
            }
            None => None,
        }
    });
    Body::from_stream(pieces)
}
