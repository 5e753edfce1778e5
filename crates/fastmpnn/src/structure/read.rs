//! Reads a [`Structure`] from a path or from bytes.

use std::fs;
use std::path::Path;

use super::assembler::{Assembler, AssemblyPlan};
use super::assembly::join_models;
use super::atom_record::{ModelChoice, ParsedModel};
use super::content::{Content, is_mmcif, structure_name};
use super::pose_labels::PoseLabels;
use super::read_options::ReadOptions;
use super::{AtomLine, AtomLines, DamagedLines, Structure, Warning, assembly_records, mmcif, pdb};
use crate::error::StructureError;

/// Reads a PDB or mmCIF file, plain or gzipped. The content decides the format, and the extension only
/// where the content is ambiguous.
pub fn read_path(path: &Path, options: &ReadOptions) -> Result<Structure, StructureError> {
    let (file, file_name, bytes) = content_of(path)?;
    read_content(&file, &file_name, &bytes, options)
}

/// Reads all models of a file, at least one, in file order; only the model named in the options, if they name one.
/// Otherwise as [`read_path`].
pub fn read_models(path: &Path, options: &ReadOptions) -> Result<Vec<Structure>, StructureError> {
    let (file, file_name, bytes) = content_of(path)?;
    let wanted = options.model_number.map_or(Wanted::All, |number| Wanted::One(ModelChoice::Number(number)));
    read_wanted(&file, &file_name, &bytes, options, wanted)
}

/// Reads all models of the bytes of a file, as [`read_models`] does those of a path.
pub fn read_models_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Vec<Structure>, StructureError> {
    let wanted = options.model_number.map_or(Wanted::All, |number| Wanted::One(ModelChoice::Number(number)));
    read_wanted(name, name, bytes, options, wanted)
}

/// A file's name in messages, its file name, and its content.
fn content_of(path: &Path) -> Result<(String, String, Vec<u8>), StructureError> {
    let shown = path.display().to_string();
    let bytes = fs::read(path).map_err(|source| StructureError::Unreadable { path: shown.clone(), source })?;
    let file_name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok((shown, file_name, bytes))
}

/// Which models are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    One(ModelChoice),
    All,
}

/// Reads the atom lines of a PDB or mmCIF file from its bytes, plain or gzipped, as written. `name` is a file name,
/// used in messages.
///
/// # Errors
/// If the bytes are not a structure file or hold no atoms, or if a field of an atom line cannot be read.
pub fn read_atom_lines(name: &str, bytes: &[u8], damaged: DamagedLines) -> Result<AtomLines, StructureError> {
    let content = Content::of(name, bytes)?;
    if is_mmcif(name, name, &content.bytes)? {
        let text = String::from_utf8_lossy(&content.bytes);
        let parsed = mmcif::parse(name, &text, ModelChoice::of(None))?;
        return Ok(AtomLines { atoms: parsed.records.iter().map(AtomLine::of_row).collect(), pdb_text: None });
    }
    let atoms = pdb::atom_lines(name, &content.bytes, damaged)?;
    Ok(AtomLines { atoms, pdb_text: Some(content.bytes.into_owned()) })
}

/// Reads a PDB or mmCIF file from its bytes, plain or gzipped. `name` is a file name or a bare name, used in messages
/// and for [`Structure::name`].
pub fn read_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Structure, StructureError> {
    read_content(name, name, bytes, options)
}

fn read_content(file: &str, file_name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Structure, StructureError> {
    let wanted = Wanted::One(ModelChoice::of(options.model_number));
    let structures = read_wanted(file, file_name, bytes, options, wanted)?;
    // There is at least one: a file without atoms is an error.
    Ok(structures.into_iter().next().unwrap_or_default())
}

/// `file` is the name in messages; `file_name` gives the structures' name and a hint of the format.
fn read_wanted(
    file: &str,
    file_name: &str,
    bytes: &[u8],
    options: &ReadOptions,
    wanted: Wanted,
) -> Result<Vec<Structure>, StructureError> {
    let content = Content::of(file, bytes)?;
    let bytes = &*content.bytes;
    let text = match is_mmcif(file, file_name, bytes)? {
        true => Some(String::from_utf8_lossy(bytes)),
        false => None,
    };
    let plan = match &options.assembly {
        None => None,
        Some(asked) => Some(AssemblyPlan::new(file, file_name, asked, |asked| match &text {
            Some(text) => assembly_records::of_mmcif(file, text, asked),
            None => assembly_records::of_pdb(file, bytes, asked),
        })?),
    };
    let wanted = if plan == Some(AssemblyPlan::Models) { Wanted::All } else { wanted };
    let model = |choice: ModelChoice| match &text {
        Some(text) => mmcif::parse(file, text, choice),
        None => pdb::parse(file, bytes, choice),
    };
    let mut models: Vec<ParsedModel<'_>> = match wanted {
        Wanted::One(choice) => vec![model(choice)?],
        Wanted::All => vec![model(ModelChoice::Place(0))?],
    };
    if wanted == Wanted::All {
        for place in 1..models[0].model_count {
            models.push(model(ModelChoice::Place(place))?);
        }
    }
    let assembler = Assembler { file, labels: PoseLabels::of(bytes), name: structure_name(file_name), options };
    let mut structures: Vec<Structure> = match plan {
        None => models.into_iter().map(|parsed| assembler.structure(parsed)).collect::<Result<_, _>>()?,
        Some(AssemblyPlan::Models) => {
            let models = models.into_iter().map(|parsed| assembler.structure(parsed));
            join_models(file, models.collect::<Result<_, _>>()?)?.into_iter().collect()
        }
        Some(AssemblyPlan::Copies(generators)) => {
            let copied = models.into_iter().map(|parsed| assembler.with_copies(parsed, &generators, text.is_some()));
            copied.collect::<Result<_, _>>()?
        }
    };
    if let Some(first) = structures.first_mut() {
        let oddity = |message| Warning { line: None, residue: None, message };
        first.warnings.extend(content.oddities.into_iter().map(oddity));
    }
    Ok(structures)
}
