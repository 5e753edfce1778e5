//! From a path, a stream or bytes to a [`Structure`]: decompression, the file's format, its name.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use super::assemble::assemble;
use super::ligand_choice::{LigandChoice, take_ligands};
use super::{AtomLine, BackboneAtoms, Gaps, Record, Records, Structure, by_number, mmcif, pdb};
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

/// Streams and archives that give more than this are refused, bytes: no entry of the PDB is this large.
const LARGEST: u64 = 1 << 30;

/// Endings that are no part of a structure's name.
const ENDINGS: [&str; 4] = [".pdb", ".ent", ".cif", ".mmcif"];

/// First words of PDB files.
const PDB_STARTS: [&[u8]; 12] = [
    b"HEADER", b"ATOM", b"HETATM", b"MODEL", b"REMARK", b"TITLE", b"CRYST1", b"COMPND", b"EXPDTA", b"SEQRES", b"USER",
    b"AUTHOR",
];

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
    let bytes = unpack(&shown, &bytes)?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    refuse_other_kinds(&shown, bytes)?;
    if is_mmcif(&shown, &shown, bytes)? {
        let text = String::from_utf8_lossy(bytes);
        let parsed = mmcif::parse(&shown, &text, &ReadOptions::default())?;
        let atom = |record| (0, Record::Atom(AtomLine::of_record(record)));
        return Ok(Records { records: parsed.records.iter().map(atom).collect(), lines: 0 });
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
    let bytes = unpack(file, bytes)?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    refuse_other_kinds(file, bytes)?;
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
    let mut structure = match options.arrangement {
        Arrangement::OfFile => assemble(name, parsed, options),
        Arrangement::ByNumber => by_number::assemble(name, &parsed),
    };
    let missing = |reason| StructureError::MissingLigand { file: file.to_owned(), reason };
    take_ligands(&mut structure, &options.ligands).map_err(missing)?;
    Ok(structure)
}

fn unpack<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, StructureError> {
    let unsupported = |reason: String| StructureError::UnsupportedFormat { file: file.to_owned(), reason };
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut unpacked = Vec::new();
    match flate2::read::MultiGzDecoder::new(bytes).take(LARGEST).read_to_end(&mut unpacked) {
        Err(error) => Err(unsupported(format!("the gzip archive is damaged: {error}"))),
        Ok(length) if length as u64 == LARGEST => {
            Err(unsupported("the gzip archive unpacks to more than 1 GiB".to_owned()))
        }
        Ok(_) => Ok(Cow::Owned(unpacked)),
    }
}

/// Names the kinds of content that users try and that are not read.
fn refuse_other_kinds(file: &str, bytes: &[u8]) -> Result<(), StructureError> {
    let reason = match bytes {
        [0x1f, 0x8b, ..] => "this is a gzip archive in a gzip archive; unpack it first",
        [b'P', b'K', 3, 4, ..] => "this is a zip archive; unpack it first",
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => "this is a bzip2 archive; unpack it first",
        [0xfd, b'7', b'z', b'X', b'Z', ..] => "this is an xz archive; unpack it first",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "this is a zstd archive; unpack it first",
        // A MessagePack map of three entries, one of which is named so.
        [0x83, ..] if bytes[..bytes.len().min(64)].windows(7).any(|word| word == b"encoder") => {
            "this is BinaryCIF; PDB and text mmCIF are read"
        }
        _ => return Ok(()),
    };
    Err(StructureError::UnsupportedFormat { file: file.to_owned(), reason: reason.to_owned() })
}

/// Decides between mmCIF and PDB by the first line that says something.
fn is_mmcif(file: &str, file_name: &str, bytes: &[u8]) -> Result<bool, StructureError> {
    let first = bytes
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && !line.starts_with(b"#"));
    let Some(first) = first else {
        return Err(StructureError::NoAtoms { file: file.to_owned(), reason: "it is empty".to_owned() });
    };
    let starts_with = |start: &[u8]| first.get(..start.len()).is_some_and(|word| word.eq_ignore_ascii_case(start));
    if starts_with(b"data_") || starts_with(b"loop_") || first.starts_with(b"_") {
        return Ok(true);
    }
    if PDB_STARTS.iter().any(|start| first.starts_with(start)) {
        return Ok(false);
    }
    let lower = file_name.to_ascii_lowercase();
    let plain = lower.strip_suffix(".gz").unwrap_or(&lower);
    Ok(plain.ends_with(".cif") || plain.ends_with(".mmcif"))
}

/// The name that a file's structure gets: the file's name without folder and endings.
pub fn structure_name(file_name: &str) -> String {
    let base = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    let plain = without_ending(base, ".gz").unwrap_or(base);
    ENDINGS.iter().find_map(|ending| without_ending(plain, ending)).unwrap_or(plain).to_owned()
}

/// `None` when the name does not end so, or is nothing but the ending.
fn without_ending<'n>(name: &'n str, ending: &str) -> Option<&'n str> {
    let at = name.len().checked_sub(ending.len()).filter(|&at| at > 0)?;
    name.get(at..).filter(|end| end.eq_ignore_ascii_case(ending)).map(|_| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_folder_and_endings() {
        let cases = [
            ("dir/5L33.pdb.gz", "5L33"),
            ("5L33.PDB", "5L33"),
            ("pdb1abc.ent.gz", "pdb1abc"),
            ("a.b.cif", "a.b"),
            ("x.mmcif", "x"),
            ("stdin", "stdin"),
            (".pdb", ".pdb"),
            ("é.pdb", "é"),
            ("model.txt", "model.txt"),
        ];
        for (file, name) in cases {
            assert_eq!(structure_name(file), name);
        }
    }
}
