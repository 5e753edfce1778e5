//! From a path, a stream or bytes to a [`Structure`].

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use super::assemble::assemble;
use super::content::{Content, LARGEST, is_mmcif, structure_name};
use super::copies::Copies;
use super::ligand_choice::{LigandChoice, take_ligands};
use super::names::{leave_out_absent, use_canonical_names};
use super::numbering::part_bonded_twins;
use super::{AtomLine, BackboneAtoms, Gaps, Record, Records, Structure, Warning, by_number, mmcif, pdb};
use crate::error::StructureError;

/// What to read of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The model, by the file's number; `None` is the first.
    pub model_number: Option<i32>,
    /// Which alternate location of a residue counts.
    pub altloc: AltlocChoice,
    /// How residue numbers are counted that are skipped along an unbroken chain.
    pub gaps: Gaps,
    /// The atoms that residues must have, which depends on the family of the network.
    pub needs: BackboneAtoms,
    /// Residues that are ligands, whatever the file makes of them.
    pub ligands: Vec<LigandChoice>,
    /// In which order residues stand, and which there are.
    pub arrangement: Arrangement,
    /// Leave out atoms whose occupancy is 0 or less, of protein and ligands, as though the file did not have them. So the
    /// published LigandMPNN reads unless `--parse_atoms_with_zero_occupancy` is given.
    pub leave_out_unoccupied: bool,
}

/// How atoms become residues and chains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrangement {
    /// Chains and residues as the file has them, modified residues by their parents, the rest as ligands.
    #[default]
    OfFile,
    /// As the published ProteinMPNN scripts read: ATOM records and MSE of every model, chains by letter, residues by
    /// number, a masked X for each number that is skipped. The model and alternate location asked for do not matter.
    ByNumber,
}

/// Which alternate location of a residue or ligand counts. One location is read of each; heavy atoms alone decide which.
///
/// Atoms without a letter belong to every location, unless lettered atoms repeat their names: then they are a location of
/// their own. Atoms that only other locations have are left out, as the published LigandMPNN does; a location that lacks N, CA
/// or C is passed over for one that has them, unless it is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AltlocChoice {
    /// The one the file names first, as the published code reads.
    #[default]
    First,
    /// The one of the highest mean occupancy; the first of equal ones.
    Occupancy,
    /// This one where the residue has it, else the first.
    Named(char),
}

/// Reads a PDB or mmCIF file, plain or gzipped; `-` is standard input. The content decides the format, the ending only
/// where the content leaves it open.
pub fn read_path(path: &Path, options: &ReadOptions) -> Result<Structure, StructureError> {
    if path == Path::new("-") {
        let from = "standard input";
        let mut bytes = Vec::new();
        io::stdin()
            .lock()
            .take(LARGEST)
            .read_to_end(&mut bytes)
            .map_err(|source| StructureError::Unreadable { path: from.to_owned(), source })?;
        if bytes.len() as u64 == LARGEST {
            let reason = "gives more than 1 GiB".to_owned();
            return Err(StructureError::UnsupportedFormat { file: from.to_owned(), reason });
        }
        return read_content(from, "stdin", &bytes, options);
    }
    let shown = path.display().to_string();
    let bytes = fs::read(path).map_err(|source| StructureError::Unreadable { path: shown.clone(), source })?;
    let file_name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    read_content(&shown, &file_name, &bytes, options)
}

/// Reads the atom lines of a PDB or mmCIF file, plain or gzipped, as they stand there.
pub fn read_records(path: &Path) -> Result<Records, StructureError> {
    let shown = path.display().to_string();
    let bytes = fs::read(path).map_err(|source| StructureError::Unreadable { path: shown.clone(), source })?;
    let content = Content::of(&shown, &bytes)?;
    let bytes = &*content.bytes;
    if is_mmcif(&shown, &shown, bytes)? {
        let text = String::from_utf8_lossy(bytes);
        let parsed = mmcif::parse(&shown, &text, &ReadOptions::default())?;
        let atom = |record| (0, Record::Atom(AtomLine::of_record(record)));
        let present = parsed.records.iter().filter(|record| record.has_position());
        return Ok(Records { records: present.map(atom).collect(), lines: 0 });
    }
    pdb::records(&shown, bytes)
}

/// Reads the bytes of a PDB or mmCIF file, plain or gzipped. `name` is a file name or a bare name; messages and the
/// structure carry it.
pub fn read_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Structure, StructureError> {
    read_content(name, name, bytes, options)
}

/// `file` is for messages; `file_name` gives the structure's name and a hint of the format.
fn read_content(file: &str, file_name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Structure, StructureError> {
    let content = Content::of(file, bytes)?;
    let bytes = &*content.bytes;
    let name = structure_name(file_name);
    let text;
    let mut parsed = if is_mmcif(file, file_name, bytes)? {
        text = String::from_utf8_lossy(bytes);
        mmcif::parse(file, &text, options)?
    } else {
        pdb::parse(file, bytes, options)?
    };
    if options.leave_out_unoccupied {
        parsed.leave_out_unoccupied();
        if parsed.records.is_empty() {
            let reason = "all of them have occupancy 0, and such atoms are left out".to_owned();
            return Err(StructureError::NoAtoms { file: file.to_owned(), reason });
        }
    }
    let labels = parsed.labels();
    let mut structure = match options.arrangement {
        Arrangement::OfFile => {
            // Chains have their own ids first: sentences about residues name them by these.
            let copies = Copies::of(&parsed);
            let mut parsed = copies.apply(parsed);
            leave_out_absent(&mut parsed);
            if parsed.records.is_empty() {
                let reason = "none of them has coordinates".to_owned();
                return Err(StructureError::NoAtoms { file: file.to_owned(), reason });
            }
            use_canonical_names(&mut parsed);
            part_bonded_twins(&mut parsed);
            assemble(name, parsed, options)
        }
        Arrangement::ByNumber => by_number::assemble(name, &parsed),
    };
    structure.labels = labels;
    let oddity = |message| Warning { line: None, residue: None, message };
    structure.warnings.extend(content.oddities.into_iter().map(oddity));
    let missing = |reason| StructureError::MissingLigand { file: file.to_owned(), reason };
    take_ligands(&mut structure, &options.ligands).map_err(missing)?;
    Ok(structure)
}
