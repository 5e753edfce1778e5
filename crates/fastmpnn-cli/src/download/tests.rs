//! Downloads from a small server on this machine, which misbehaves on request.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::*;

/// The server's answer to a request: the bytes to send, given the first byte wanted.
type Answer = fn(content: &[u8], wanted: usize, connection: usize) -> Vec<u8>;

struct Server {
    address: String,
    /// The first byte that each request wanted.
    requests: Arc<Mutex<Vec<usize>>>,
}

impl Server {
    fn start(content: &'static [u8], answer: Answer) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/some/file.pt", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        // Ends with the tests' process.
        std::thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let stream = stream.unwrap();
                let wanted = read_request(&stream);
                seen.lock().unwrap().push(wanted);
                // A client may close the connection early.
                let _ = (&stream).write_all(&answer(content, wanted, connection));
            }
        });
        Server { address, requests }
    }

    fn requests(&self) -> Vec<usize> {
        self.requests.lock().unwrap().clone()
    }
}

fn read_request(stream: &TcpStream) -> usize {
    let mut wanted = 0;
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap().to_ascii_lowercase();
        if let Some(range) = line.strip_prefix("range: bytes=") {
            wanted = range.strip_suffix('-').unwrap().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    wanted
}

fn with_header(status: &str, length: usize, more: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n");
    [header.as_bytes(), body].concat()
}

/// The answer of a server that supports ranges.
fn obliging(content: &[u8], wanted: usize, _: usize) -> Vec<u8> {
    let (body, total) = (&content[wanted..], content.len());
    match wanted {
        0 => with_header("200 OK", total, "", body),
        _ => {
            let range = format!("Content-Range: bytes {wanted}-{}/{total}\r\n", total - 1);
            with_header("206 Partial Content", body.len(), &range, body)
        }
    }
}

const CONTENT: &[u8] = &[7; 300_000];

struct Case {
    folder: tempfile::TempDir,
    sha256: String,
    bytes: u64,
}

impl Case {
    fn new() -> Case {
        let sha256 = Sha256::digest(CONTENT).iter().map(|byte| format!("{byte:02x}")).collect();
        Case { folder: tempfile::tempdir().unwrap(), sha256, bytes: CONTENT.len() as u64 }
    }

    /// Starts with the bytes that an earlier attempt left.
    fn left(self, bytes: &[u8]) -> Case {
        fs::write(self.folder.path().join("file.part"), bytes).unwrap();
        self
    }

    fn run(&self, server: &Server) -> Result<(), DownloadError> {
        let destination = self.folder.path().join("file.pt");
        let (address, sha256) = (server.address.as_str(), self.sha256.as_str());
        let download = Download { address, bytes: self.bytes, sha256, destination: &destination };
        download.run(&agent(), |have| assert!(have <= self.bytes))
    }

    /// The names in the folder.
    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn check_whole(&self) {
        assert_eq!(self.files(), ["file.pt"]);
        assert!(fs::read(self.folder.path().join("file.pt")).unwrap() == CONTENT);
    }
}

#[test]
fn a_file_comes_whole() {
    let (server, case) = (Server::start(CONTENT, obliging), Case::new());
    case.run(&server).unwrap();
    case.check_whole();
    assert_eq!(server.requests(), [0]);
}

#[test]
fn what_is_there_is_not_fetched_again() {
    let (server, case) = (Server::start(CONTENT, obliging), Case::new().left(&CONTENT[..123_456]));
    case.run(&server).unwrap();
    case.check_whole();
    assert_eq!(server.requests(), [123_456]);

    let case = Case::new().left(CONTENT);
    case.run(&server).unwrap();
    case.check_whole();
    assert_eq!(server.requests().len(), 1, "a whole file needs no request");
}

#[test]
fn what_another_file_left_is_thrown_away() {
    for left in [vec![9; 1000], vec![9; CONTENT.len()], vec![7; CONTENT.len() + 1]] {
        let (server, case) = (Server::start(CONTENT, obliging), Case::new().left(&left));
        case.run(&server).unwrap();
        case.check_whole();
        assert_eq!(server.requests().last(), Some(&0));
    }
}

#[test]
fn a_broken_connection_is_taken_up_again() {
    let server = Server::start(CONTENT, |content, wanted, connection| {
        let mut answer = obliging(content, wanted, connection);
        if connection < 2 {
            answer.truncate(100_000);
        }
        answer
    });
    let case = Case::new();
    case.run(&server).unwrap();
    case.check_whole();
    let requests = server.requests();
    assert!(requests.len() == 3 && requests[0] == 0, "{requests:?}");
    assert!(requests[1] > 90_000 && requests[2] > 190_000, "{requests:?}");
}

#[test]
fn what_came_is_kept_for_the_next_time() {
    let server = Server::start(CONTENT, |content, wanted, connection| {
        let mut answer = obliging(content, wanted, connection);
        if connection < TRIES as usize {
            answer.truncate(20_000);
        }
        answer
    });
    let case = Case::new();
    let error = case.run(&server).unwrap_err();
    assert!(matches!(error, DownloadError::Interrupted { kept: 50_000.., .. }), "{error}");
    assert!(error.to_string().contains("the next try continues there"), "{error}");
    assert_eq!(case.files(), ["file.part"]);
    case.run(&server).unwrap();
    case.check_whole();
    assert!(server.requests()[TRIES as usize] > 50_000);
}

#[test]
fn a_server_without_ranges_starts_again() {
    let server = Server::start(CONTENT, |content, _, connection| obliging(content, 0, connection));
    let case = Case::new().left(&CONTENT[..1000]);
    case.run(&server).unwrap();
    case.check_whole();

    // A server that sends another range than was asked for, or says that there is no such range.
    let answers: [Answer; 2] = [
        |content, wanted, connection| obliging(content, wanted.min(1), connection),
        |content, wanted, connection| match wanted {
            0 => obliging(content, 0, connection),
            _ => with_header("416 Range Not Satisfiable", 0, "", b""),
        },
    ];
    for answer in answers {
        let (server, case) = (Server::start(CONTENT, answer), Case::new().left(&CONTENT[..1000]));
        case.run(&server).unwrap();
        case.check_whole();
        assert_eq!(server.requests(), [1000, 0]);
    }
}

#[test]
fn a_wrong_file_leaves_nothing() {
    static WRONG: &[u8] = &[8; CONTENT.len()];
    let (server, case) = (Server::start(WRONG, obliging), Case::new());
    let error = case.run(&server).unwrap_err();
    assert!(matches!(error, DownloadError::WrongContent { .. }), "{error}");
    assert!(error.to_string().contains(&case.sha256), "{error}");
    assert_eq!(case.files(), [""; 0]);

    // Recognized by its length before it is downloaded.
    let (server, case) = (Server::start(b"<html>Log in first</html>", obliging), Case::new());
    let error = case.run(&server).unwrap_err();
    assert!(error.to_string().ends_with("not the published file: it has 25 bytes, not 300000"), "{error}");
}

#[test]
fn a_refusal_is_final_and_an_overload_is_not() {
    let server = Server::start(CONTENT, |_, _, _| with_header("404 Not Found", 0, "", b""));
    let error = Case::new().run(&server).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: the server answers 404 Not Found", server.address));
    assert_eq!(server.requests().len(), 1);

    let server = Server::start(CONTENT, |content, wanted, connection| match connection {
        0 => with_header("503 Service Unavailable", 0, "", b""),
        _ => obliging(content, wanted, connection),
    });
    let case = Case::new();
    case.run(&server).unwrap();
    case.check_whole();
}

#[test]
fn nobody_there() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/file.pt", listener.local_addr().unwrap());
    drop(listener);
    let server = Server { address, requests: Arc::default() };
    let error = Case::new().run(&server).unwrap_err();
    assert!(matches!(error, DownloadError::Interrupted { kept: 0, .. }), "{error}");
    let server = Server { address: "no address".to_owned(), requests: Arc::default() };
    assert!(matches!(Case::new().run(&server).unwrap_err(), DownloadError::Refused { .. }));
}

#[test]
fn two_at_once_do_not_mix() {
    let (server, case) = (Server::start(CONTENT, obliging), Case::new().left(b""));
    let other = File::open(case.folder.path().join("file.part")).unwrap();
    other.lock().unwrap();
    let error = case.run(&server).unwrap_err();
    assert!(matches!(error, DownloadError::Busy { .. }), "{error}");
    drop(other);
    case.run(&server).unwrap();
    case.check_whole();
}
