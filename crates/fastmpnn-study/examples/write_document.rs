//! Writes docs/optimization-study.md, and the report beside the records, from the committed run:
//! `cargo run --release -p fastmpnn-study --example write_document [RECORDS [DOCUMENT]]`.

use std::path::PathBuf;

use fastmpnn_study::document::document;
use fastmpnn_study::records::StudyRecords;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let records = arguments.next().unwrap_or_else(|| root.join("bench/record/study"));
    let target = arguments.next().unwrap_or_else(|| root.join("docs/optimization-study.md"));
    std::fs::write(&target, document(&StudyRecords::read(&records)?))?;
    println!("{}", target.display());
    Ok(())
}
