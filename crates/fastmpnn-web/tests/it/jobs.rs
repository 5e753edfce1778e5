//! Jobs: waited for or not, followed, cancelled, and ended with the service.

use std::io::{BufRead, BufReader, Write};
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Served, connect, with_example};

/// The events of a job, by name and data, up to `last`.
fn follow(served: &Served, id: &str, first: Option<usize>, last: &str) -> Vec<(String, Option<usize>, Value)> {
    let mut stream = connect(served.address());
    let from = first.map_or_else(String::new, |first| format!("last-event-id: {first}\r\n"));
    let head = format!("GET /v1/jobs/{id}/events HTTP/1.0\r\nhost: localhost\r\n{from}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let (mut events, mut name, mut number) = (Vec::new(), String::new(), None);
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        if let Some(event) = line.strip_prefix("event: ") {
            name = event.to_owned();
        } else if let Some(id) = line.strip_prefix("id: ") {
            number = id.parse().ok();
        } else if let Some(data) = line.strip_prefix("data: ") {
            events.push((std::mem::take(&mut name), number.take(), serde_json::from_str(data).unwrap()));
            if events.last().is_some_and(|(name, ..)| name == last) {
                break;
            }
        }
    }
    events
}

#[test]
fn a_job_is_waited_for_or_fetched() {
    let served = Served::new();
    let body = with_example("5L33.pdb", json!({ "num_seqs": 2 }));
    let id = served.begin("/v1/design", body.clone());
    let job = served.wait_for(&id, &["done"]);
    let designs = &job["result"]["structures"][0]["designs"];
    assert_eq!(designs.as_array().unwrap().len(), 2);
    assert_eq!(job["progress"], json!({ "done": 2, "total": 2, "unit": "designs" }));
    let direct = served.post("/v1/design", &body).of(200);
    assert_eq!(direct["structures"], job["result"]["structures"]);
    let headers = [("content-type", "application/json"), ("prefer", "respond-async")];
    served.send("POST", "/v1/design", &headers, body.to_string().as_bytes()).of(202);
    // One that has ended is forgotten on request.
    served.send("DELETE", &format!("/v1/jobs/{id}"), &[], b"").of(200);
    served.get(&format!("/v1/jobs/{id}")).problem(404);
    served.get("/v1/jobs/..%2F..%2Fetc").problem(404);
    served.send("DELETE", "/v1/jobs/x", &[], b"").problem(404);
}

#[test]
fn an_answer_that_takes_long_is_the_job() {
    let served = Served::with_limits(|limits| {
        limits.answer_time = Duration::from_millis(50);
        limits.designs = 1_000_000;
        limits.letters = u64::MAX;
    });
    let body = with_example("5L33.pdb", json!({ "num_seqs": 1_000_000 }));
    let job = served.post("/v1/design", &body).of(202);
    let id = job["id"].as_str().unwrap();
    served.wait_for(id, &["running"]);
    served.send("DELETE", &format!("/v1/jobs/{id}"), &[], b"").of(200);
    served.wait_for(id, &["cancelled"]);
}

#[test]
fn a_job_tells_what_happens() {
    let served = Served::new();
    let id = served.begin("/v1/design", with_example("5L33.pdb", json!({ "num_seqs": 4 })));
    let events = follow(&served, &id, None, "end");
    let count = |name: &str| events.iter().filter(|(other, ..)| other == name).count();
    assert_eq!((count("native"), count("design"), count("end")), (1, 4, 1));
    let (_, _, end) = events.last().unwrap();
    assert_eq!(end["state"], "done");
    let job = served.wait_for(&id, &["done"]);
    let designs = job["result"]["structures"][0]["designs"].as_array().unwrap();
    let told = events.iter().filter(|(name, ..)| name == "design").map(|(_, _, data)| &data["sequence"]);
    assert_eq!(told.collect::<Vec<_>>(), designs.iter().map(|design| &design["sequence"]).collect::<Vec<_>>());
    assert!(events.iter().all(|(name, _, data)| name != "design" || data["structure"] == "5L33"));
    // A connection that was lost goes on where it ended.
    let third = events.iter().filter(|(name, ..)| name == "design").nth(2).unwrap().1;
    let rest = follow(&served, &id, third, "end");
    assert_eq!(rest.iter().filter(|(name, ..)| name == "design").count(), 1);
    served.get("/v1/jobs/x/events").problem(404);
}

/// A job that would take an hour.
fn endless() -> Value {
    with_example("5L33.pdb", json!({ "num_seqs": 1_000_000 }))
}

fn patient() -> Served {
    Served::with_limits(|limits| {
        limits.running_jobs = 1;
        limits.designs = 1_000_000;
        limits.letters = u64::MAX;
        limits.grace_time = Duration::from_millis(100);
    })
}

#[test]
fn jobs_are_cancelled() {
    let served = patient();
    let running = served.begin("/v1/design", endless());
    let waiting = served.begin("/v1/design", endless());
    served.wait_for(&running, &["running"]);
    assert_eq!(served.get(&format!("/v1/jobs/{waiting}")).of(200)["position"], 1);
    // One that waits is gone at once, one that runs at its next step.
    let job = served.send("DELETE", &format!("/v1/jobs/{waiting}"), &[], b"").of(200);
    assert_eq!(job["state"], "cancelled");
    follow(&served, &running, None, "design");
    served.send("DELETE", &format!("/v1/jobs/{running}"), &[], b"").of(200);
    let job = served.wait_for(&running, &["cancelled"]);
    // The designs that were made are kept.
    assert_eq!(job["result"]["stopped"], true);
    assert!(!job["result"]["structures"][0]["designs"].as_array().unwrap().is_empty());
}

#[test]
fn a_client_that_leaves_cancels_its_job() {
    let served = patient();
    let body = endless().to_string();
    let mut stream = connect(served.address());
    let head = format!(
        "POST /v1/design HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let running = |count: usize| {
        let expected = format!("\nfastmpnn_jobs_running {count}\n");
        while !String::from_utf8(served.get("/metrics").body).unwrap().contains(&expected) {
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    running(1);
    drop(stream);
    running(0);
}

#[test]
fn the_service_ends_in_good_order() {
    let served = patient();
    let running = served.begin("/v1/design", endless());
    let waiting = served.begin("/v1/design", endless());
    served.wait_for(&running, &["running"]);
    let address = served.address();
    let followers: Vec<_> = [running, waiting]
        .map(|id| {
            let head = format!("GET /v1/jobs/{id}/events HTTP/1.0\r\nhost: localhost\r\n\r\n");
            std::thread::spawn(move || {
                let mut stream = connect(address);
                stream.write_all(head.as_bytes()).unwrap();
                crate::client::read_answer(&mut stream)
            })
        })
        .into_iter()
        .collect();
    // They follow before the end.
    while !String::from_utf8(served.get("/metrics").body).unwrap().contains("/events\",status=\"200\"} 2\n") {
        std::thread::sleep(Duration::from_millis(10));
    }
    served.service.stop().stop();
    served.service.wait();
    for follower in followers {
        let text = String::from_utf8(follower.join().unwrap().body).unwrap();
        let (_, end) = text.rsplit_once("event: end\ndata: ").expect("an end");
        let end: Value = serde_json::from_str(end.lines().next().unwrap()).unwrap();
        assert_eq!(end["state"], "cancelled", "{end}");
    }
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn old_results_make_room() {
    let served = Served::with_limits(|limits| limits.kept_jobs = 2);
    let body = with_example("5L33.pdb", json!({}));
    let ids: Vec<String> = (0..4).map(|_| served.begin("/v1/design", body.clone())).collect();
    for id in &ids[2..] {
        served.wait_for(id, &["done"]);
    }
    while !String::from_utf8(served.get("/metrics").body).unwrap().contains("fastmpnn_jobs_total{outcome=\"done\"} 4\n")
    {
        std::thread::sleep(Duration::from_millis(10));
    }
    let kept = ids.iter().filter(|id| served.get(&format!("/v1/jobs/{id}")).status == 200).count();
    assert_eq!(kept, 2);
}
