//! Requests from where none should come.

use serde_json::json;

use crate::client::{Served, with_example};

#[test]
fn foreign_hosts_are_refused() {
    let served = Served::new();
    let port = served.address().port();
    for host in ["example.org", "evil.example:8000", "10.1.2.3", "localhost.evil.example", "127.0.0.1.evil.example"] {
        for path in ["/", "/v1/models", "/v1/health/live", "/nothing"] {
            let refusal = served.send("GET", path, &[("host", host)], b"").problem(403);
            assert!(refusal.contains(host), "{refusal}");
        }
    }
    for host in [format!("localhost:{port}"), format!("[::1]:{port}"), "127.0.0.1".to_owned()] {
        served.send("GET", "/v1/health/live", &[("host", &host)], b"").of(200);
    }
    // Two hosts are none.
    let two = [("host", "localhost"), ("Host", "example.org")];
    let answer = served.send("GET", "/v1/models", &two, b"");
    assert_eq!(answer.status, 400, "{answer:?}");
}

#[test]
fn foreign_origins_are_refused() {
    let served = Served::new();
    let own = format!("http://{}", served.address());
    let body = with_example("5L33.pdb", json!({})).to_string();
    let post = |name: &str, value: &str| {
        let headers = [("content-type", "application/json"), (name, value)];
        served.send("POST", "/v1/design", &headers, body.as_bytes())
    };
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "file://"] {
        let refusal = post("origin", origin).problem(403);
        assert!(refusal.contains(origin), "{refusal}");
    }
    for site in ["cross-site", "same-site"] {
        post("sec-fetch-site", site).problem(403);
    }
    post("origin", &own).of(200);
    post("sec-fetch-site", "same-origin").of(200);
    // A form of another site can send text without asking first.
    let answer = served.send("POST", "/v1/design", &[("content-type", "text/plain")], body.as_bytes());
    assert!(answer.problem(415).contains("application/json"));
    // No origin is ever allowed by name.
    let headers = [("origin", own.as_str()), ("access-control-request-method", "POST")];
    let answer = served.send("OPTIONS", "/v1/design", &headers, b"");
    assert!(answer.header("access-control-allow-origin").is_none(), "{answer:?}");
}

#[test]
fn a_proxy_has_its_name() {
    let served = Served::with(|options| options.hosts = vec!["lab.example.org".to_owned()]);
    let headers = [("host", "lab.example.org"), ("origin", "https://lab.example.org")];
    served.send("GET", "/v1/models", &headers, b"").of(200);
    let headers = [("host", "lab.example.org"), ("origin", "https://example.org")];
    served.send("GET", "/v1/models", &headers, b"").problem(403);
}

#[test]
fn a_token_opens_everything() {
    const TOKEN: &str = "0123456789abcdef-lab";
    let served = Served::with(|options| options.token = Some(TOKEN.to_owned()));
    for path in ["/v1/models", "/metrics", "/openapi.json", "/v1/jobs/x"] {
        let answer = served.get(path);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        answer.problem(401);
        served.send("GET", path, &[("authorization", "Bearer 0123456789abcdef-LAB")], b"").problem(401);
    }
    served.post("/v1/design", &with_example("5L33.pdb", json!({}))).problem(401);
    let bearer = format!("Bearer {TOKEN}");
    served.send("GET", "/v1/models", &[("authorization", &bearer)], b"").of(200);
    // A browser gets a cookie.
    let answer = served.get(&format!("/?token={TOKEN}"));
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    let cookie = answer.header("set-cookie").unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    served.send("GET", "/v1/models", &[("cookie", cookie)], b"").of(200);
    assert_eq!(served.get("/?token=wrong").status, 200);
    assert!(served.get("/?token=wrong").header("set-cookie").is_none());
    // Schedulers look without one.
    served.get("/v1/health/ready").of(200);
}

#[test]
fn other_machines_need_a_token() {
    let mut options = fastmpnn_web::ServiceOptions::default();
    options.listen = "0.0.0.0:0".parse().unwrap();
    let error = fastmpnn_web::Service::start(options).unwrap_err().to_string();
    assert!(error.ends_with("can be reached from other machines: a token is needed there"), "{error}");
}
