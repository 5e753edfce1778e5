//! `fastmpnn serve`: the program as a service, and the commands of docs/service.md against it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::program::{command, fastmpnn};

/// A service that ends with the test.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start() -> Served {
        let mut command = command(&["serve", "--no-open", "--listen", "127.0.0.1:0", "--threads", "2"]);
        let mut child = command.env_remove("FASTMPNN_TOKEN").spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("FastMPNN is at ").and_then(|rest| rest.split("/;").next());
        let address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
        Served { child, address }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn others_need_a_token() {
    let error = fastmpnn(&["serve", "--no-open", "--listen", "0.0.0.0:0"]).failure(2);
    assert!(error.contains("0.0.0.0:0 can be reached from other machines: a token is needed there"), "{error}");
    let error = fastmpnn(&["serve", "--no-open", "--listen", "127.0.0.1:0", "--token", "short"]).failure(2);
    assert!(error.contains("a token has at least 16 characters"), "{error}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_service() {
    for signal in ["-INT", "-TERM"] {
        let mut served = Served::start();
        let mut stream = TcpStream::connect(served.address.strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(b"GET /v1/health/ready HTTP/1.0\r\nhost: localhost\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("{\"status\":\"ready\"}"), "{answer}");
        let sent = Command::new("kill").args([signal, &served.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let status = served.child.wait().unwrap();
        assert_eq!(status.code(), Some(0));
    }
}

#[cfg(unix)]
#[test]
fn the_commands_of_the_document_run() {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|run| run.status.success());
    if !has("curl") || !has("jq") {
        eprintln!("skipped: the document's examples need curl and jq");
        return;
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let document = fs::read_to_string(root.join("docs/service.md")).unwrap();
    let blocks: Vec<&str> = document.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(blocks[0], "fastmpnn serve\n");
    assert!(blocks.len() >= 6, "{}", blocks.len());
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("examples")).unwrap();
    fs::copy(root.join("examples/5L33.pdb"), place.path().join("examples/5L33.pdb")).unwrap();
    let served = Served::start();
    let mut printed = Vec::new();
    for block in &blocks[1..] {
        let mut shell = Command::new("sh");
        shell.args(["-euc", block]).current_dir(place.path()).env("FASTMPNN", &served.address);
        let run = shell.stdin(Stdio::null()).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&run.stdout).into_owned(), String::from_utf8_lossy(&run.stderr));
        assert!(run.status.success(), "{block}\n{out}{err}");
        printed.push(out);
    }
    // The designs, and their text as the program prints it.
    assert_eq!(printed[0].lines().count(), 4, "{}", printed[0]);
    let example = crate::program::example("5L33.pdb");
    let designed = fastmpnn(&["design", &example, "-n", "4", "--seed", "37", "--fix", "A1-10", "-q"]).success();
    assert_eq!(fs::read_to_string(place.path().join("designs.fa")).unwrap().trim_end(), designed.trim_end());
    // A score, a row of probabilities, two mutants.
    assert_eq!(printed[1].lines().count(), 4, "{}", printed[1]);
    assert!(printed[2].contains(" design\n") && printed[2].contains("\ndone\n"), "{}", printed[2]);
    assert!(printed[3].contains("B7"), "{}", printed[3]);
    assert!(printed[4].starts_with(">input, score="), "{}", printed[4]);
}
