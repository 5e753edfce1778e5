//! Prints what the readers make of a file as JSON: `cargo run --example read_structure -- FILE`.

use std::path::Path;
use std::process::ExitCode;

use fastmpnn::structure::{ReadOptions, describe, read_path};

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: read_structure FILE");
        return ExitCode::from(2);
    };
    match read_path(Path::new(&path), &ReadOptions::default()) {
        Ok(structure) => match serde_json::to_string(&describe(&structure)) {
            Ok(json) => {
                println!("{json}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
