//! Writes the document of a run, and its report where a path for one is given:
//! `cargo run --release -p fastmpnn-study --example write_document [RECORDS [DOCUMENT [REPORT]]]`.
//! Without arguments it writes docs/optimization-study.md from the committed run.

use std::path::PathBuf;

use fastmpnn_study::document::document;
use fastmpnn_study::records::StudyRecords;
use fastmpnn_study::report;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let records = arguments.next().unwrap_or_else(|| root.join("bench/record/study"));
    let target = arguments.next().unwrap_or_else(|| root.join("docs/optimization-study.md"));
    std::fs::write(&target, document(&StudyRecords::read(&records)?))?;
    println!("{}", target.display());
    if let Some(page) = arguments.next() {
        std::fs::write(&page, report::render(&records)?)?;
        println!("{}", page.display());
    }
    Ok(())
}
