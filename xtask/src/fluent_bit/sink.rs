//! A small HTTP server on this machine that takes what an output sends, as the sinks of the shipped configurations do:
//! Elasticsearch's `_bulk`, Splunk's `services/collector` and Loki's `push`.

use crate::failure::{Failure, Result};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A request: its path and its body.
pub(super) type Request = (String, Vec<u8>);

/// What has arrived so far.
#[derive(Clone, Debug)]
pub(super) struct Sink {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Sink {
    /// Begins to listen, on a port that is free. The first `refused` requests are answered with 503, as by a sink that
    /// is down. It listens until this process ends.
    pub(super) fn start(refused: usize) -> Result<Self> {
        let failed = |error: io::Error| Failure::file(Path::new("127.0.0.1"), &error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&requests);
        let refused = Arc::new(Mutex::new(refused));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (taken, refused) = (Arc::clone(&taken), Arc::clone(&refused));
                // A connection that breaks is the output's to mend.
                thread::spawn(move || serve(&stream, &taken, &refused));
            }
        });
        Ok(Self { port, requests })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Takes what has arrived.
    pub(super) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Answers the requests of one connection.
fn serve(stream: &TcpStream, taken: &Mutex<Vec<Request>>, refused: &Mutex<usize>) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let Some((path, length)) = head(&mut reader)? else { return Ok(()) };
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let down = {
            let mut left = refused.lock().unwrap_or_else(PoisonError::into_inner);
            let down = *left > 0;
            *left = left.saturating_sub(1);
            down
        };
        let (status, answer) = match path.as_str() {
            _ if down => ("503 Service Unavailable", ""),
            path if path.starts_with("/_bulk") => ("200 OK", r#"{"took":1,"errors":false,"items":[]}"#),
            path if path.starts_with("/services/collector") => ("200 OK", r#"{"text":"Success","code":0}"#),
            path if path.starts_with("/loki/api/v1/push") => ("204 No Content", ""),
            _ => ("404 Not Found", ""),
        };
        if !down {
            taken.lock().unwrap_or_else(PoisonError::into_inner).push((path, body));
        }
        let length = if status.starts_with("204") {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", answer.len())
        };
        let mut stream = stream;
        stream.write_all(
            format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{length}\r\n{answer}").as_bytes(),
        )?;
    }
}

/// Reads the head of a request: its path, and how long its body is. `None` at the end.
fn head(reader: &mut impl BufRead) -> io::Result<Option<(String, usize)>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(Some((path, length)));
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_taken_and_answered() {
        let sink = Sink::start(1).unwrap();
        let send = |path: &str| {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, sink.port())).unwrap();
            let request = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{{}}");
            stream.write_all(request.as_bytes()).unwrap();
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        assert_eq!(send("/_bulk"), "HTTP/1.1 503 Service Unavailable");
        assert_eq!(send("/_bulk"), "HTTP/1.1 200 OK");
        assert_eq!(send("/loki/api/v1/push"), "HTTP/1.1 204 No Content");
        assert_eq!(send("/"), "HTTP/1.1 404 Not Found");
        let paths: Vec<String> = sink.take().into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["/_bulk", "/loki/api/v1/push", "/"]);
    }
}
