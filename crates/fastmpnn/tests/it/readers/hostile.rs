//! Archives, damaged input and large input.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;

use fastmpnn::error::StructureError;
use fastmpnn::structure::{ReadOptions, Structure, describe, read_bytes, read_path};

use super::mmcif::CIF;
use super::{atom, letters, read_cif, residue};

#[test]
fn archives_are_told_by_content() {
    use std::io::Write as _;
    let pack = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let packed = pack(CIF.as_bytes());
    let structure = read_bytes("folder/entry.pdb.gz", &packed, &ReadOptions::default()).unwrap();
    assert_eq!((structure.name.as_str(), letters(&structure).as_str()), ("entry", "AM"));
    let refusal = |bytes: &[u8]| read_bytes("x", bytes, &ReadOptions::default()).unwrap_err().to_string();
    assert!(refusal(&packed[..packed.len() / 2]).contains("the gzip archive is damaged"));
    let absent = read_path(Path::new("/nowhere/x.pdb"), &ReadOptions::default());
    assert!(matches!(absent, Err(StructureError::Unreadable { .. })));
}

/// A small generator, so that the damage is the same every time: xorshift64*.
struct Damage(u64);

impl Damage {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit.max(1)
    }

    /// Replaces, deletes, repeats, cuts and inserts.
    fn apply(&mut self, text: &[u8]) -> Vec<u8> {
        const WORDS: [&[u8]; 17] = [
            b"'",
            b"\n;",
            b"loop_ ",
            b"-2147483648",
            b"2147483647",
            b"zzzz",
            b"1e39",
            b"\r\n",
            b"\xff\xfe",
            b"MODEL 1\n",
            b"TER\n",
            b"HETATM",
            b"data_again\n",
            b"     nan",
            b"********",
            b"SOD ",
            b"\r",
        ];
        let mut bytes = text.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            let length = self.below(40).min(bytes.len() - at);
            match self.below(10) {
                0..4 if !bytes.is_empty() => bytes[at] = self.below(256) as u8,
                4..6 => drop(bytes.drain(at..at + length)),
                6..8 => {
                    let copy = bytes[at..at + length].to_vec();
                    let to = self.below(bytes.len());
                    bytes.splice(to..to, copy);
                }
                8 => bytes.truncate(at.max(1)),
                _ => drop(bytes.splice(at..at, WORDS[self.below(WORDS.len())].iter().copied())),
            }
        }
        bytes
    }
}

#[test]
fn damaged_input_is_read_or_refused_but_never_panics() {
    let pdb = residue("ATOM", " ALA A   1 ", 0)
        + &residue("ATOM", "AGLY A   2 ", 1)
        + &residue("ATOM", "BSER A   2 ", 1)
        + &residue("HETATM", " MSE A   3 ", 2)
        + "TER\n"
        + &residue("HETATM", " MSE A   4 ", 3)
        + &atom("HETATM", "ZN", "  ZN A 101 ", [1.0; 3], "ZN")
        + "TER\n"
        + &residue("ATOM", " ALA A   1 ", 20)
        + &residue("ATOM", " HISEA   2 ", 21)
        + &residue("ATOM", " TRPAB   1 ", 30)
        + &atom("ATOM", "SOD", " SOD I   1 ", [2.0; 3], "");
    let second_block: String = CIF.lines().skip(7).map(|line| format!("{line}\n")).collect();
    let cif = format!(
        "{CIF}{}data_second\n{}",
        second_block.replace("NAG B . 1", "FK5 C . ?"),
        second_block.replace("Heavy", "L")
    );
    let mut damage = Damage(0x9E37_79B9_7F4A_7C15);
    let (mut read, mut refused) = (0, 0);
    for round in 0..6000 {
        let source = match round % 4 {
            0 | 2 => pdb.as_bytes(),
            1 => CIF.as_bytes(),
            _ => cif.as_bytes(),
        };
        match read_bytes("damaged", &damage.apply(source), &ReadOptions::default()) {
            Ok(structure) => {
                read += 1;
                check_invariants(&structure);
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().starts_with("damaged: "), "{error}");
            }
        }
    }
    assert!(read > 500 && refused > 500, "{read} read, {refused} refused: the damage is too mild or too hard");
}

/// Checks that hold for every structure, whatever the file.
pub(crate) fn check_invariants(structure: &Structure) {
    let mut next = 0;
    for (index, chain) in structure.chains.iter().enumerate() {
        assert_eq!(chain.residues.start, next);
        assert!(!chain.residues.is_empty());
        next = chain.residues.end;
        let members = &structure.residues[chain.residues.clone()];
        assert_eq!(members[0].sequence_position, 0);
        assert!(members.iter().all(|residue| residue.chain == index && residue.id.chain == chain.id));
        assert!(members.windows(2).all(|pair| pair[0].sequence_position <= pair[1].sequence_position));
    }
    assert_eq!(next, structure.residues.len());
    let distinct: HashSet<_> = structure.residues.iter().map(|residue| &residue.id).collect();
    assert_eq!(distinct.len(), structure.residues.len(), "residue ids are unique");
    let residue_atoms = structure.residues.iter().flat_map(|residue| &residue.atoms);
    for atom in residue_atoms.chain(structure.ligand_atoms.iter().map(|ligand| &ligand.atom)) {
        assert!(atom.position.iter().all(|component| component.is_finite()));
        assert!(!atom.name.is_empty() && !atom.element.is_empty());
    }
    assert_eq!(describe(structure).chains.len(), structure.chains.len());
}

#[test]
fn large_input_is_read() {
    // Files that would take minutes instead of a second if any step were quadratic.
    let header: String = CIF.lines().skip(7).take(15).map(|line| format!("{line}\n")).collect();
    let mut one_residue = format!("data_x\n{header}");
    let mut many_names = one_residue.clone();
    for index in 0..100_000 {
        writeln!(one_residue, "0 0 0 ATOM C C{index} {} ALA A 1 1 A ? 1", index % 7).unwrap();
        writeln!(many_names, "0 0 0 HETATM C N . Q{index} A 1 1 A ? 1").unwrap();
    }
    let one_line = format!("data_x loop_ _a {}", "'x' ".repeat(500_000));
    // One of seven alternate locations.
    assert_eq!(read_cif(&one_residue).residues[0].atoms.len(), 14_286);
    assert_eq!(read_cif(&many_names).ligand_atoms.len(), 100_000);
    assert!(read_bytes("x.cif", one_line.as_bytes(), &ReadOptions::default()).is_err());
}
