//! Assembles the atom lines of a file into chains as the published ProteinMPNN scripts do: by chain letter and by
//! number.
//!
//! - ATOM records count, and HETATM records of MSE, which is read as MET. There are no ligands.
//! - Every model counts, and so do atoms after the last model. Of atoms with the same name in a residue the first is
//!   read, whatever its alternate location, and likewise the first name of a residue.
//! - Chains are A–Z, a–z and 0–299, in this order; others are left out.
//! - Residues are sorted by number, and those of one number by insertion code. A number that the file skips is a
//!   residue without atoms, and counts along the chain.
//! - A residue of an unknown name keeps its atoms and has no letter. An atom without coordinates is left out; its residue
//!   stays.
//!
//! Source: `parse_PDB_biounits` and `parse_PDB` of the published `protein_mpnn_utils.py`.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};
use fastmpnn::chemistry::Letter;
use fastmpnn::structure::{AtomLine, AtomLines, DamagedLines, Point, read_atom_lines};

use super::entries::{ATOMS, Backbone, Entry, EntryChain, GAP};

/// Reads a structure file. The structure's name is the file's without the last four characters, as in the published
/// parser.
pub(crate) fn read_entry(path: &str) -> Result<Entry> {
    let bytes = fs::read(path).with_context(|| format!("{path}: cannot be read"))?;
    let AtomLines { atoms, .. } = read_atom_lines(path, &bytes, DamagedLines::Refuse)?;
    if let Some(atom) = atoms.iter().find(|atom| atom.number.is_none()) {
        let chain = if atom.chain.is_empty() { "_" } else { &atom.chain };
        let AtomLine { line, residue_name, .. } = atom;
        bail!("{path}: line {line}: chain {chain}: a {residue_name} has no residue number (columns 23–26)");
    }
    let chains = chains(&atoms);
    if chains.is_empty() {
        bail!("{path}: it has no chain named by a letter or a number");
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    let cut = file.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    let sequence = chains.iter().map(|chain| chain.sequence.as_str()).collect();
    Ok(Entry { name: file[..cut].to_owned(), sequence, chains })
}

/// A residue while its atoms are read.
struct Site<'a> {
    name: &'a str,
    atoms: Vec<&'a AtomLine>,
}

/// Number and insertion code, in the order of residues; no code comes before any code.
type Key = (i32, Option<char>);

/// The chains of a file whose every atom has a number.
fn chains(atoms: &[AtomLine]) -> Vec<EntryChain> {
    let mut chains: BTreeMap<(usize, &str), BTreeMap<Key, Site<'_>>> = BTreeMap::new();
    for atom in atoms {
        let selenomethionine = atom.hetatm && atom.residue_name == "MSE";
        if atom.hetatm && !selenomethionine {
            continue;
        }
        let Some(place) = place_of_chain(&atom.chain) else { continue };
        let residues = chains.entry((place, &atom.chain)).or_default();
        let name = if selenomethionine { "MET" } else { &atom.residue_name };
        let key = (atom.number.unwrap_or_default(), atom.insertion);
        let site = residues.entry(key).or_insert_with(|| Site { name, atoms: Vec::new() });
        if site.atoms.iter().all(|held| held.name != atom.name) {
            site.atoms.push(atom);
        }
    }
    chains.into_iter().map(|((_, letter), residues)| chain(letter, residues)).collect()
}

/// The place of a chain called `name` among the chains.
fn place_of_chain(name: &str) -> Option<usize> {
    const LETTERS: usize = 26;
    const NUMBERS: usize = 300;
    match name.as_bytes() {
        [letter @ b'A'..=b'Z'] => Some(usize::from(letter - b'A')),
        [letter @ b'a'..=b'z'] => Some(LETTERS + usize::from(letter - b'a')),
        [b'0'] => Some(2 * LETTERS),
        [b'1'..=b'9', ..] => name.parse().ok().filter(|&number: &usize| number < NUMBERS).map(|n| 2 * LETTERS + n),
        _ => None,
    }
}

fn chain(letter: &str, sites: BTreeMap<Key, Site<'_>>) -> EntryChain {
    let mut chain =
        EntryChain { letter: letter.to_owned(), sequence: String::new(), residues: Vec::new(), alpha_only: false };
    let mut expected: Option<i32> = None;
    for ((number, _), site) in sites {
        for _ in expected.map_or(number, |expected| expected.min(number))..number {
            chain.sequence.push(GAP);
            chain.residues.push(Backbone::default());
        }
        expected = number.checked_add(1);
        chain.sequence.push(Letter::from_standard_name(site.name).map_or(GAP, Letter::to_char));
        chain.residues.push(ATOMS.map(|name| position(&site, name)));
    }
    chain
}

fn position(site: &Site<'_>, name: &str) -> Option<Point> {
    site.atoms.iter().find(|atom| atom.name == name)?.position
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The backbone atoms of a residue; `place` is columns 17 to 27.
    fn residue(record: &str, place: &str) -> String {
        let atom = |name: &&str| format!("{record:<6}    1  {name:<3}{place}      1.000   2.000   3.000\n");
        ATOMS.iter().map(atom).collect()
    }

    fn read(text: &str) -> Result<Entry> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("x.pdb");
        fs::write(&path, text)?;
        read_entry(&path.to_string_lossy())
    }

    fn summary(text: &str) -> String {
        let entry = read(text).unwrap();
        let chains = entry.chains.iter().map(|chain| format!("{}:{}", chain.letter, chain.sequence));
        chains.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn chains_stand_by_letter_and_residues_by_number() {
        let text = residue("ATOM", " SER B   5 ")
            + &residue("ATOM", " GLY A  12A")
            + &residue("ATOM", " ALA A  12 ")
            + "ENDMDL\n"
            + &residue("ATOM", " LEU A  15 ")
            + &residue("ATOM", " TYR A  12 ")
            + &residue("ATOM", " ABC 2   1 ")
            + &residue("ATOM", " TRP     1 ")
            + &residue("ATOM", " TRP #   1 ")
            + &residue("HETATM", " MSE B   6 ")
            + &residue("HETATM", " LIG B   7 ");
        assert_eq!(summary(&text), "A:AG--L B:SM 2:-");
        let entry = read(&text).unwrap();
        let present: Vec<bool> = entry.chains[0].residues.iter().map(|atoms| atoms[0].is_some()).collect();
        assert_eq!(present, [true, true, false, false, true]);
    }

    /// The published scripts read neither names of four letters nor chain ids of two.
    #[test]
    fn columns_18_to_20_and_22_alone_count() {
        let text = residue("ATOM", " SERAA   7 ") + &residue("ATOM", " NALAC   1 ") + &residue("ATOM", " HISAB   8 ");
        assert_eq!(summary(&text), "A:S B:H C:-");
    }

    #[test]
    fn a_residue_without_coordinates_stays_in_its_place() {
        let text = residue("ATOM", " ALA A   1 ").replace("   1.000   2.000   3.000", "     nan     nan     nan");
        assert_eq!(summary(&(text + &residue("ATOM", " PHE A   2 "))), "A:AF");
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        let good = residue("ATOM", " ALA A   7 ");
        for (text, message) in [
            (residue("HETATM", " LIG A     "), "line 5: chain A: a LIG has no residue number (columns 23–26)"),
            (residue("HETATM", " LIG       "), "line 5: chain _: a LIG has no residue number (columns 23–26)"),
            (residue("hetatm", " LIG A   8 "), "line 5: the record name must be ATOM or HETATM in upper case"),
            ("MODEL     x\n".to_owned(), "line 5: the model number \"x\" is not a whole number"),
        ] {
            let error = read(&(good.clone() + &text)).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        let error = read(&residue("ATOM", " ALA #   7 ")).unwrap_err().to_string();
        assert!(error.ends_with("x.pdb: it has no chain named by a letter or a number"), "{error}");
    }
}
