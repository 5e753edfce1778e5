//! `fastmpnn weights`: list, get, convert, info.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;

use fastmpnn::weights::{CATALOGUE, Checkpoint, folder};

use crate::program::{Run, command, fastmpnn, finish};
use crate::published_checkpoint::published;

/// Runs `fastmpnn weights` with this folder of checkpoints.
fn weights(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = command(&[&["weights"], arguments].concat());
    command.env("FASTMPNN_WEIGHTS", folder).env_remove("FASTMPNN_WEIGHTS_MIRROR");
    finish(command)
}

fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A server that answers every request alike; its address.
fn server(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    // Ends with the tests' process.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _request =
                BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).count();
            // A client may leave before the end.
            let _ = stream.write_all(&answer);
        }
    });
    address
}

fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [header.as_bytes(), body].concat()
}

#[test]
fn the_list_has_every_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let known = &CATALOGUE[1];
    fs::write(folder.path().join(known.file_name()), b"half of it").unwrap();
    let text = weights(folder.path(), &["list"]).success();
    assert_eq!(text.lines().count(), 1 + CATALOGUE.len());
    for known in &CATALOGUE {
        let line = text.lines().find(|line| line.trim_start().starts_with(known.name)).unwrap();
        let cells: Vec<&str> = line.split_whitespace().collect();
        assert_eq!((cells[1], cells[7]), (known.model.name(), known.sha256));
        assert_eq!((cells[2], cells[3]), (&*format!("{:.2}", known.noise()), &*known.neighbors.to_string()));
    }
    let text = weights(folder.path(), &["list", "--json"]).success();
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(list["folder"], folder.path().to_str().unwrap());
    let rows = list["checkpoints"].as_array().unwrap();
    for (row, known) in rows.iter().zip(&CATALOGUE) {
        let presence = match known.name {
            "proteinmpnn_v_48_020" => "embedded",
            "proteinmpnn_v_48_010" => "damaged",
            _ => "absent",
        };
        assert_eq!((&row["name"], &row["presence"]), (&known.name.into(), &presence.into()));
        assert_eq!((&row["bytes"], &row["address"]), (&known.bytes.into(), &known.address().into()));
    }
    assert_eq!(rows.len(), CATALOGUE.len());
}

#[test]
fn the_embedded_one_needs_no_getting() {
    let folder = tempfile::tempdir().unwrap();
    let run = weights(folder.path(), &["get", "v_48_020"]);
    assert!(run.err.contains("proteinmpnn_v_48_020: is part of the program"), "{}", run.err);
    run.success();
    assert_eq!(files(folder.path()), [""; 0]);
}

#[test]
fn names_that_do_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let error = weights(folder.path(), &["get", "ligandmpnn"]).failure(2);
    assert!(
        error.contains("ligandmpnn is neither a checkpoint nor `all` nor a model (protein, soluble, ca"),
        "{error}"
    );
    let error = weights(folder.path(), &["get", "all", "--from", "absent"]).failure(2);
    assert!(error.contains("error: absent: cannot be read"), "{error}");
    let error = weights(folder.path(), &["info", "absent"]).failure(2);
    assert!(error.starts_with("error: absent: cannot be read"), "{error}");
    let error = weights(folder.path(), &["info", "ligandmpnn_v_32_010_25"]).failure(2);
    assert!(error.contains("`fastmpnn weights get ligandmpnn_v_32_010_25`"), "{error}");
    let error = weights(folder.path(), &["get", "packer", "--from", folder.path().to_str().unwrap()]).failure(2);
    assert!(error.contains("holds no ligandmpnn_sc_v_32_002_16"), "{error}");
}

#[test]
fn a_server_that_has_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let name = "solublempnn_v_48_010";
    for (answer, expected) in [
        (answer("404 Not Found", b""), "the server answers 404 Not Found"),
        (answer("200 OK", b"<html>"), "not the published file: it has 6 bytes, not 6681301"),
        (answer("200 OK", &vec![0; 6_681_301]), "not the published file: its SHA-256 is "),
    ] {
        let address = server(answer);
        let error = weights(folder.path(), &["get", name, "--mirror", &address]).failure(2);
        assert!(error.contains(&format!("error: {address}/{name}.pt: {expected}")), "{error}");
        assert!(error.contains("1 checkpoint could not be downloaded; without a network, `--from PATH`"), "{error}");
        assert_eq!(files(folder.path()), [""; 0]);
    }
}

#[test]
fn a_failed_download_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let name = "solublempnn_v_48_010";
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let absent = server(answer("404 Not Found", b""));
    let wrong = server(answer("200 OK", &vec![0; 6_681_301]));
    for address in [format!("http://{closed}"), absent, wrong] {
        weights(&folder.path().join("new/deep"), &["get", name, "--mirror", &address]).failure(2);
        assert_eq!(files(folder.path()), [""; 0], "{address}");
        // A folder that was there stays.
        fs::create_dir(folder.path().join("old")).unwrap();
        weights(&folder.path().join("old"), &["get", name, "--mirror", &address]).failure(2);
        assert_eq!(files(&folder.path().join("old")), [""; 0]);
        fs::remove_dir(folder.path().join("old")).unwrap();
    }
}

#[test]
fn a_damaged_checkpoint_is_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let (input, name) = (crate::program::example("6MRR.pdb"), "solublempnn_v_48_020");
    let path = folder.path().join(format!("{name}.pt"));
    let other = vec![7; CATALOGUE.iter().find(|known| known.name == name).unwrap().bytes as usize];
    for (bytes, reason) in [
        (&b""[..], "it is empty"),
        (b"<!DOCTYPE html><html>", "it is a web page or XML"),
        (b"version https://git-lfs.github.com/spec/v1\n", "it is a pointer of Git LFS"),
        (b"PK\x03\x04 and so on", "it has 14 bytes, not 6681301"),
        (&other, "its SHA-256 is not the published one"),
    ] {
        fs::write(&path, bytes).unwrap();
        let mut score = command(&["score", &input, "--model", "soluble"]);
        score.env("FASTMPNN_WEIGHTS", folder.path());
        let error = finish(score).failure(2);
        let sentence = format!("error: {}: checkpoint {name} is damaged: {reason}", path.display());
        assert!(
            error.starts_with(&sentence) && error.contains(&format!("`fastmpnn weights get {name}` replaces it")),
            "{error}"
        );
        let error = weights(folder.path(), &["info", name]).failure(2);
        assert!(error.starts_with(&sentence), "{error}");
        // The same file given by its path.
        let error = fastmpnn(&["score", &input, "--checkpoint", path.to_str().unwrap()]).failure(2);
        assert!(
            error.starts_with(&format!("error: {}: not a checkpoint, or a damaged one: ", path.display())),
            "{error}"
        );
    }
}

#[test]
fn a_checkpoint_that_was_cut_off_is_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
    let input = crate::program::example("6MRR.pdb");
    let whole = [fs::read(format!("{root}tests/golden/tiny_2_2_64.safetensors")).unwrap()];
    let published = published("solublempnn_v_48_010")
        .map(|_| fs::read(self::folder().unwrap().join("solublempnn_v_48_010.pt")).unwrap());
    for bytes in whole.iter().chain(&published) {
        for share in [1, 2, 3] {
            let path = folder.path().join("mine.pt");
            fs::write(&path, &bytes[..bytes.len() * share / 4]).unwrap();
            let error = fastmpnn(&["score", &input, "--checkpoint", path.to_str().unwrap()]).failure(2);
            assert!(error.contains("mine.pt: not a checkpoint, or a damaged one: "), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}

#[test]
fn a_server_that_is_not_there_or_stops() {
    let folder = tempfile::tempdir().unwrap();
    let name = "solublempnn_v_48_010";
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for scheme in ["http", "https"] {
        let address = format!("{scheme}://{closed}");
        let error = weights(folder.path(), &["get", name, "--mirror", &address]).failure(2);
        assert!(error.contains(&format!("error: {address}/{name}.pt: the download failed: ")), "{error}");
        assert!(!error.contains("are kept") && !error.contains("panicked"), "{error}");
    }
    let mut part = answer("200 OK", &vec![0; 6_681_301]);
    part.truncate(part.len() - 6_680_301);
    let error = weights(folder.path(), &["get", name, "--mirror", &server(part)]).failure(2);
    assert!(error.contains("the 1000 bytes received are kept, and the next try continues there"), "{error}");
    let kept = files(folder.path()).into_iter().find(|file| file.ends_with(".part")).unwrap();
    assert_eq!(fs::metadata(folder.path().join(kept)).unwrap().len(), 1000);
}

#[test]
fn a_mirror_by_the_environment() {
    let name = "solublempnn_v_48_010";
    if published(name).is_none() {
        return;
    }
    let bytes = fs::read(self::folder().unwrap().join(format!("{name}.pt"))).unwrap();
    let target = tempfile::tempdir().unwrap();
    let mut get = command(&["weights", "get", name, "-q"]);
    get.env("FASTMPNN_WEIGHTS", target.path().join("new/folder"));
    get.env("FASTMPNN_WEIGHTS_MIRROR", server(answer("200 OK", &bytes)));
    let run = finish(get);
    assert_eq!((run.code, &*run.out, &*run.err), (0, "", ""));
    assert_eq!(files(&target.path().join("new/folder")), [format!("{name}.pt")]);
    // Nobody is asked a second time.
    let again = weights(&target.path().join("new/folder"), &["get", name, "--mirror", "http://127.0.0.1:9"]);
    assert!(again.err.contains("is there already"), "{}", again.err);
    again.success();
}

#[test]
fn from_what_is_on_this_machine() {
    if CATALOGUE.iter().any(|known| published(known.name).is_none()) {
        return;
    }
    let source = self::folder().unwrap();
    let source = source.to_str().unwrap();
    let target = tempfile::tempdir().unwrap();
    weights(target.path(), &["get", "ca", "packer", "--from", source]).success();
    assert_eq!(files(target.path()).len(), 4);
    // All checkpoints that are there: half a package is not a failure, unless its other half was named.
    let partial = tempfile::tempdir().unwrap();
    let from = target.path().to_str().unwrap();
    weights(partial.path(), &["get", "all", "--from", from]).success();
    assert_eq!(files(partial.path()), files(target.path()));
    let error = weights(partial.path(), &["get", "all", "solublempnn_v_48_010", "--from", source, "--from", from]);
    error.success();
    assert_eq!(files(partial.path()).len(), CATALOGUE.len() - 1);
}

#[test]
fn converting_a_file_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
    let file = folder.path().join("tuned.net");
    fs::copy(format!("{root}tests/golden/tiny_2_2_64.safetensors"), &file).unwrap();
    let file = file.to_str().unwrap();
    let run = weights(folder.path(), &["convert", file, "--neighbours", "20"]);
    assert!(run.err.contains("tuned.safetensors: a protein network of"), "{}", run.err);
    run.success();
    let converted = folder.path().join("tuned.safetensors");
    let (before, after) = (Checkpoint::open(file.as_ref()).unwrap(), Checkpoint::open(&converted).unwrap());
    assert_eq!((before.neighbors().unwrap(), after.neighbors().unwrap()), (24, 20));
    assert_eq!(after.metadata("source_sha256"), Some(before.sha256()));

    let converted = converted.to_str().unwrap();
    let error = weights(folder.path(), &["convert", converted]).failure(2);
    assert!(error.contains("would replace what it is made of"), "{error}");
    let error = weights(folder.path(), &["convert", file, "no/such/folder/x"]).failure(1);
    assert!(error.contains("cannot be written"), "{error}");
    let no_network = format!("{root}tests/golden/checkpoints/training.pt");
    let error = weights(folder.path(), &["convert", &no_network, &format!("{file}.out")]).failure(2);
    assert!(error.contains("its 2 tensors are not those of"), "{error}");
}

#[test]
fn what_a_file_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = weights(folder.path(), &["info", "v_48_020", "--tensors"]).success();
    for (key, value) in [("published as", "proteinmpnn_v_48_020"), ("family", "protein"), ("numbers", "1660485")] {
        assert!(text.lines().any(|line| line.trim_start().starts_with(key) && line.ends_with(value)), "{key}: {text}");
    }
    assert!(text.lines().any(|line| line.contains("W_out.weight") && line.ends_with("[21, 128]")), "{text}");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/tiny_2_2_64.safetensors");
    let text = fastmpnn(&["weights", "info", file, "--json"]).success();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&json["encoder_layers"], &json["neighbours"]), (&2.into(), &24.into()));
    assert_eq!((&json["published"], &json["shapes"]), (&serde_json::Value::Null, &serde_json::Value::Null));
}
