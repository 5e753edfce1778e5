//! `fastmpnn weights list`: every published checkpoint, and whether it is on this machine.

use std::path::PathBuf;

use anyhow::Result;
use fastmpnn_pipeline::fastmpnn::weights::{CATALOGUE, PublishedCheckpoint, folder};
use serde::Serialize;

use super::printing::{print, print_json};
use crate::args::weights::ListArgs;
use crate::columns::Columns;
use crate::printer::Printer;

#[derive(Serialize)]
struct Listing {
    /// The user's folder of checkpoints, whether it exists or not.
    folder: Option<PathBuf>,
    checkpoints: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    model: &'static str,
    family: &'static str,
    noise_angstrom: f64,
    #[serde(rename = "neighbours")]
    neighbors: usize,
    context_atoms: usize,
    bytes: u64,
    presence: &'static str,
    sha256: &'static str,
    address: String,
}

pub(super) fn run(args: &ListArgs) -> Result<()> {
    let folder = folder();
    let row = |known: &'static PublishedCheckpoint| Row {
        name: known.name,
        model: known.model.name(),
        family: known.model.family().name(),
        noise_angstrom: known.noise(),
        neighbors: known.neighbors,
        context_atoms: known.context_atoms,
        bytes: known.bytes,
        presence: known.presence(folder.as_deref()).name(),
        sha256: known.sha256,
        address: known.address(),
    };
    let listing = Listing { checkpoints: CATALOGUE.iter().map(row).collect(), folder };
    if args.json {
        return print_json(&listing);
    }
    let mut table = Columns::new(["name", "model", "noise", "K", "context", "MB", "here", "SHA-256"]);
    for row in &listing.checkpoints {
        table.push([
            row.name.to_owned(),
            row.model.to_owned(),
            format!("{:.2}", row.noise_angstrom),
            row.neighbors.to_string(),
            if row.context_atoms == 0 { "-".to_owned() } else { row.context_atoms.to_string() },
            format!("{:.1}", row.bytes as f64 / 1e6),
            row.presence.to_owned(),
            row.sha256.to_owned(),
        ]);
    }
    print(&table.to_string())?;
    if let Some(folder) = &listing.folder {
        Printer::new(false).note(format_args!("the folder of checkpoints is {}", folder.display()));
    }
    Ok(())
}
