//! Stands between the code under test and the emulator: counts calls, loses answers, refuses.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of a call.
pub(crate) enum Fate {
    /// It passes.
    Pass,
    /// It passes, is carried out, and the answer is lost.
    LoseAnswer,
    /// It is lost before it arrives.
    LoseCall,
    /// It does not pass and is answered with this status and body.
    Answer(u16, String),
}

/// One call as it came.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The operation, such as `UpdateItem`, or method and path.
    pub(crate) operation: String,
    /// The body.
    pub(crate) body: String,
}

/// A proxy on a port of its own. It ends with the test's runtime.
pub(crate) struct Proxy {
    pub(crate) address: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Proxy {
    /// The fate of each call is decided by its number, from 0, and its operation.
    pub(crate) async fn start(
        emulator: &str,
        fate: impl Fn(usize, &str) -> Fate + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let emulator = emulator
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        let (calls, fate) = (Arc::new(Mutex::new(Vec::new())), Arc::new(fate));
        let all_calls = Arc::clone(&calls);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (emulator, calls, fate) = (emulator.clone(), Arc::clone(&all_calls), Arc::clone(&fate));
                tokio::spawn(async move { serve(client, &emulator, &calls, fate.as_ref()).await });
            }
        });
        Self { address, calls }
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn operations(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.operation).collect()
    }
}

/// Serves one call; the connection ends with it, so that every call has a connection of its own to lose.
async fn serve(
    mut client: TcpStream,
    emulator: &str,
    calls: &Mutex<Vec<Call>>,
    fate: &(dyn Fn(usize, &str) -> Fate + Send + Sync),
) {
    let Some((head, body)) = read_request(&mut client).await else {
        return;
    };
    let call = Call {
        operation: operation(&head),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let number = {
        let mut calls = calls.lock().unwrap();
        calls.push(call.clone());
        calls.len() - 1
    };
    match fate(number, &call.operation) {
        Fate::Pass => {
            let answer = pass(emulator, &head, &body).await;
            client.write_all(&answer).await.unwrap();
        }
        Fate::LoseAnswer => {
            pass(emulator, &head, &body).await;
        }
        Fate::LoseCall => {}
        Fate::Answer(status, body) => {
            let answer = format!(
                "HTTP/1.1 {status} Told\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n{body}",
                body.len()
            );
            client.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}

async fn read_request(client: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if client.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let length: usize = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head_end + length {
        if client.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some((head, bytes[head_end..].to_vec()))
}

/// Hands the call on and reads the whole answer.
async fn pass(emulator: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let mut server = TcpStream::connect(emulator).await.unwrap();
    let head = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    server.write_all(head.as_bytes()).await.unwrap();
    server.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await.unwrap();
    answer
}

fn operation(head: &str) -> String {
    if let Some(target) = header(head, "x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let line = head.lines().next().unwrap_or_default();
    line.split(['?', ' ']).take(2).collect::<Vec<_>>().join(" ")
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}
