//! Requests that are too much: each is refused, or takes no more than its share.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::client::{PATIENCE, Served, connect, read_answer, request, with_example};

#[test]
fn a_body_of_a_gigabyte_is_refused_before_it_is_read() {
    let served = Served::new();
    let mut stream = connect(served.address());
    let head = format!(
        "POST /v1/design HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        served.address(),
        1_u64 << 30
    );
    stream.write_all(head.as_bytes()).unwrap();
    assert!(read_answer(&mut stream).problem(413).contains("32 MiB"));
}

#[test]
fn a_body_without_a_length_is_refused_where_it_becomes_too_long() {
    let served = Served::with_limits(|limits| limits.body_bytes = 1 << 20);
    let mut stream = connect(served.address());
    let head = format!(
        "POST /v1/design HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        served.address()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 16, " ".repeat(1 << 16));
    // The service stops reading after the first megabyte.
    let sent = (0..1024).take_while(|_| stream.write_all(chunk.as_bytes()).is_ok()).count();
    assert!(sent < 1024, "{sent}");
}

#[test]
fn a_gzip_bomb_is_refused() {
    let served = Served::with_limits(|limits| limits.unpacked_bytes = 4 << 20);
    let packed = |bytes: &[u8], times: usize| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..times {
            encoder.write_all(bytes).unwrap();
        }
        encoder.finish().unwrap()
    };
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    // 100 MB in 100 kB.
    let bomb = packed(&[b' '; 1_000_000], 100);
    assert!(bomb.len() < 200_000);
    assert!(served.send("POST", "/v1/design", &headers, &bomb).problem(413).contains("unpacks"));
    // A bomb within the text of a file is text, and no gzip archive.
    let body = with_example("5L33.pdb", json!({})).to_string();
    served.send("POST", "/v1/design", &headers, &packed(body.as_bytes(), 1)).of(200);
    let damaged = packed(body.as_bytes(), 1);
    served.send("POST", "/v1/design", &headers, &damaged[..damaged.len() / 2]).problem(400);
    let headers = [("content-type", "application/json"), ("content-encoding", "br")];
    served.send("POST", "/v1/design", &headers, b"x").problem(415);
}

#[test]
fn slow_clients_lose_their_connections() {
    let served = Served::with_limits(|limits| {
        limits.head_time = Duration::from_millis(200);
        limits.body_time = Duration::from_millis(200);
        limits.connections = 4;
    });
    // More of them than there may be connections: others are answered all the same.
    let begin = Instant::now();
    let mut slow = Vec::new();
    for number in 0..8 {
        let mut stream = connect(served.address());
        let text = if number % 2 == 0 { "GET /v1/mod" } else { "" };
        stream.write_all(text.as_bytes()).unwrap();
        slow.push(stream);
    }
    let mut stream = connect(served.address());
    let head = format!(
        "POST /v1/design HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{{",
        served.address()
    );
    stream.write_all(head.as_bytes()).unwrap();
    assert!(read_answer(&mut stream).problem(408).contains("has not arrived"));
    served.get("/v1/health/live").of(200);
    // Two minutes, so that a service that hangs fails the test.
    assert!(begin.elapsed() < PATIENCE);
}

#[test]
fn clients_that_accept_nothing_lose_their_connections() {
    let served = Served::with_limits(|limits| {
        limits.write_time = Duration::from_millis(200);
        limits.connections = 1;
    });
    let mut stream = connect(served.address());
    // Answers of many megabytes, of which the client reads none.
    let one = format!("GET /openapi.json HTTP/1.1\r\nhost: {}\r\n\r\n", served.address());
    let many = one.repeat(2000);
    stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let _ = stream.write_all(many.as_bytes());
    // The only connection is free again.
    served.get("/v1/health/live").of(200);
    drop(stream);
}

#[test]
fn large_tasks_are_refused() {
    let served = Served::with_limits(|limits| {
        limits.residues = 100;
        limits.designs = 20;
        limits.files = 2;
        limits.orders = 10;
        limits.packings = 2;
    });
    let post = |path: &str, settings| served.post(path, &with_example("5L33.pdb", settings));
    assert!(post("/v1/design", json!({})).problem(413).contains("106 residues: this service takes 100 at most"));
    post("/v1/design", json!({ "num_seqs": 21 })).problem(422);
    post("/v1/design", json!({ "num_seqs": 11, "temperature": [0.1, 0.2] })).problem(422);
    post("/v1/design", json!({ "num_seqs": 1_000_000_000 })).problem(422);
    post("/v1/design", json!({ "rescore_orders": 11 })).problem(422);
    post("/v1/score", json!({ "num_orders": 11 })).problem(422);
    post("/v1/scan", json!({ "num_orders": 11 })).problem(422);
    post("/v1/pack", json!({ "num_packs": 3 })).problem(422);
    let file = |name: &str| json!({ "name": name, "text": "x" });
    served.post("/v1/design", &json!({ "files": [file("a"), file("b"), file("c")] })).problem(422);
}

#[test]
fn ten_thousand_jobs_wait_nowhere() {
    let served = Served::with_limits(|limits| {
        limits.running_jobs = 1;
        limits.queued_jobs = 8;
        limits.designs = 1_000_000;
        limits.letters = u64::MAX;
    });
    // One long job, after which the others wait.
    let long = served.begin("/v1/design", with_example("5L33.pdb", json!({ "num_seqs": 1_000_000 })));
    served.wait_for(&long, &["running"]);
    let text = "ATOM      2  CA  ALA A   1       1.000   2.000   3.000  1.00  0.00           C\n";
    let body = json!({ "files": [{ "name": "x.pdb", "text": text }], "wait": false, "model": "ca" }).to_string();
    let (mut accepted, mut refused) = (Vec::new(), 0);
    for _ in 0..10_000 {
        let headers = [("content-type", "application/json")];
        let answer = served.send("POST", "/v1/design", &headers, body.as_bytes());
        match answer.status {
            202 => accepted.push(answer.json()["id"].as_str().unwrap().to_owned()),
            429 => {
                assert_eq!(answer.header("retry-after"), Some("5"));
                refused += 1;
            }
            other => panic!("{other}: {answer:?}"),
        }
    }
    assert_eq!((accepted.len(), refused), (8, 9_992));
    let metrics = String::from_utf8(served.get("/metrics").body).unwrap();
    assert!(metrics.contains("\nfastmpnn_jobs_queued 8\n"), "{metrics}");
    assert!(metrics.contains("\nfastmpnn_jobs_refused_total 9992\n"), "{metrics}");
    // A job that is cancelled leaves its place to another.
    served.send("DELETE", &format!("/v1/jobs/{}", accepted[0]), &[], b"").of(200);
    let answer = request(
        served.address(),
        "POST",
        "/v1/design",
        &[("host", "localhost"), ("content-type", "application/json")],
        body.as_bytes(),
    );
    answer.of(202);
    served.send("DELETE", &format!("/v1/jobs/{long}"), &[], b"").of(200);
}

#[test]
fn bodies_share_their_memory() {
    let served = Served::with_limits(|limits| limits.bodies_bytes = 256 << 10);
    let body = with_example("5L33.pdb", json!({}));
    served.post("/v1/design", &body).of(200);
    let mut large = body;
    large["files"][0]["text"] = " ".repeat(300 << 10).into();
    let answer = served.post("/v1/design", &large);
    assert_eq!(answer.header("retry-after"), Some("5"));
    answer.problem(503);
    let metrics = String::from_utf8(served.get("/metrics").body).unwrap();
    assert!(metrics.contains("route=\"/v1/design\",status=\"503\"} 1\n"), "{metrics}");
}
