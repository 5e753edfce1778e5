//! Prints what the readers make of a file as JSON: `cargo run --example read_structure -- FILE`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use fastmpnn::structure::{ReadOptions, describe, read_path};

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: read_structure FILE");
        return ExitCode::from(2);
    };
    let summary = match read_path(Path::new(&path), &ReadOptions::default()) {
        Ok(structure) => describe(&structure),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let mut out = std::io::stdout().lock();
    match serde_json::to_writer(&mut out, &summary).map_err(std::io::Error::from).and_then(|()| writeln!(out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
