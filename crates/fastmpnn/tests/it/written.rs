//! Structures written as PDB and as mmCIF.

use std::path::{Path, PathBuf};

use fastmpnn::chemistry::{Letter, parse_sequence};
use fastmpnn::structure::{Atom, ReadOptions, Structure, read_bytes, read_path};
use fastmpnn::write::{StructureFormat, WrittenStructure, choose_format};

/// A strand of DNA with a modified base before its TER, two residues of protein, one of them modified, and ions.
const COMPLEX: &str = "\
ATOM      1  P    DA B   1       0.000   0.000   5.000  1.00 10.00           P  
ATOM      2  OP2  DA B   1       0.000   1.500   5.000  1.00 10.00           O1-
ATOM      3  C4'  DA B   1       2.000   1.500   5.000  1.00 10.00           C  
ATOM      4  C3'  DA B   1       2.500   1.500   5.000  1.00 10.00           C  
ATOM      5  C1'  DA B   1       3.000   1.500   5.000  1.00 10.00           C  
HETATM    6  C4' 5CM B   2       5.000   1.500   5.000  1.00 10.00           C  
HETATM    7  C3' 5CM B   2       5.500   1.500   5.000  1.00 10.00           C  
HETATM    8  C1' 5CM B   2       6.000   1.500   5.000  1.00 10.00           C  
TER       9      5CM B   2
ATOM     10  N   LYS A   1      10.000   0.000   5.000  1.00 10.00           N1+
ATOM     11  CA  LYS A   1      11.400   0.000   5.000  1.00 10.00           C  
ATOM     12  C   LYS A   1      12.000   1.400   5.000  1.00 10.00           C  
ATOM     13  O   LYS A   1      11.400   2.400   5.000  1.00 10.00           O  
ATOM     14  CB  LYS A   1      11.900  -0.700   6.200  1.00 10.00           C  
HETATM   15  N   MSE A   2      13.300   1.400   5.000  1.00 10.00           N  
HETATM   16  CA  MSE A   2      14.000   2.700   5.000  1.00 10.00           C  
HETATM   17  C   MSE A   2      15.500   2.600   5.000  1.00 10.00           C  
HETATM   18  O   MSE A   2      16.100   1.500   5.000  1.00 10.00           O  
HETATM   19 SE   MSE A   2      14.100   3.500   6.200  0.50 10.00          SE  
TER      20      MSE A   2
HETATM   21 ZN    ZN A 101      30.000   0.000   5.000  1.00 10.00          ZN2+
HETATM   22 ZN    ZN A 102      40.000   0.000   5.000  1.00 10.00          ZN2+
HETATM   23 CL    CL B 101      50.000   0.000   5.000  1.00 10.00          CL1-
";

fn read(name: &str, text: &str) -> Structure {
    read_bytes(name, text.as_bytes(), &ReadOptions::default()).expect("a structure")
}

/// The file of a design in which the residues of those indexes are designed, to W.
fn designed(structure: &Structure, indexes: &[usize], format: StructureFormat) -> String {
    let chosen: Vec<bool> = (0..structure.residues.len()).map(|index| indexes.contains(&index)).collect();
    let letter = |(index, residue): (usize, &fastmpnn::structure::Residue)| {
        if chosen[index] { Letter::from_char('W').expect("a letter") } else { residue.letter }
    };
    let sequence: Vec<Letter> = structure.residues.iter().enumerate().map(letter).collect();
    let confidence = vec![0.5; sequence.len()];
    let mut bytes = Vec::new();
    WrittenStructure::of_design(structure, &chosen, &sequence, &confidence)
        .and_then(|written| written.write(&mut bytes, format))
        .expect("room");
    String::from_utf8(bytes).expect("text")
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

#[test]
fn pdb_keeps_records_charges_and_ends_of_chains() {
    let text = designed(&read("x.pdb", COMPLEX), &[0], StructureFormat::Pdb);
    let short: Vec<String> = text
        .lines()
        .map(|line| format!("{} {} {}", &line[..6], &line[12..27], &line[76..80]).trim_end().to_owned())
        .collect();
    let expected = [
        "ATOM    N   TRP A   1   N1+",
        "ATOM    CA  TRP A   1   C",
        "ATOM    C   TRP A   1   C",
        "ATOM    O   TRP A   1   O",
        "HETATM  N   MSE A   2   N",
        "HETATM  CA  MSE A   2   C",
        "HETATM  C   MSE A   2   C",
        "HETATM  O   MSE A   2   O",
        "HETATM SE   MSE A   2  SE",
        "TER         MSE A   2",
        "ATOM    P    DA B   1   P",
        "ATOM    OP2  DA B   1   O1-",
        "ATOM    C4'  DA B   1   C",
        "ATOM    C3'  DA B   1   C",
        "ATOM    C1'  DA B   1   C",
        "HETATM  C4' 5CM B   2   C",
        "HETATM  C3' 5CM B   2   C",
        "HETATM  C1' 5CM B   2   C",
        "TER         5CM B   2",
        "HETATM ZN    ZN A 101  ZN2+",
        "HETATM ZN    ZN A 102  ZN2+",
        "HETATM CL    CL B 101  CL1-",
        "END",
    ];
    assert_eq!(short, expected);
    assert!(text.lines().all(|line| line.len() == 80), "{text}");
}

#[test]
fn mmcif_has_one_entity_a_kind_and_a_label_a_molecule() {
    let text = designed(&read("x.pdb", COMPLEX), &[], StructureFormat::Mmcif);
    let expected = "\
loop_
_entity.id
_entity.type
1 polymer
2 polymer
3 non-polymer
4 non-polymer
#
loop_
_entity_poly.entity_id
_entity_poly.type
_entity_poly.pdbx_strand_id
1 polypeptide(L) A
2 polydeoxyribonucleotide B
#
loop_
_struct_asym.id
_struct_asym.entity_id
A 1
B 2
C 3
D 3
E 4
#
";
    assert!(text.contains(expected), "{text}");
    // Group, atom, component, label chain, entity and number, charge, author's number and chain.
    let short = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        [0, 3, 5, 6, 7, 8, 15, 16, 17].map(|word| words[word]).join(" ")
    };
    let atoms: Vec<String> =
        text.lines().filter(|l| l.starts_with("ATOM") || l.starts_with("HETATM")).map(short).collect();
    for atom in [
        "ATOM N LYS A 1 1 1 1 A",
        "ATOM CB LYS A 1 1 ? 1 A",
        "HETATM SE MSE A 1 2 ? 2 A",
        "ATOM OP2 DA B 2 1 -1 1 B",
        "HETATM C1' 5CM B 2 2 ? 2 B",
        "HETATM ZN ZN C 3 . 2 101 A",
        "HETATM ZN ZN D 3 . 2 102 A",
        "HETATM CL CL E 4 . -1 101 B",
    ] {
        assert!(atoms.iter().any(|found| found == atom), "no {atom} in\n{}", atoms.join("\n"));
    }
}

#[test]
fn copies_of_a_chain_are_one_entity() {
    let structure = read_path(&example("4GYT.pdb"), &ReadOptions::default()).expect("a structure");
    let sequences: Vec<String> = structure
        .chains
        .iter()
        .map(|chain| {
            structure.residues[chain.residues.clone()].iter().map(|residue| residue.letter.to_char()).collect()
        })
        .collect();
    let text = designed(&structure, &[], StructureFormat::Mmcif);
    let entity_of = |chain: &str| {
        let row = text.lines().skip_while(|line| *line != "_struct_asym.entity_id");
        row.skip(1).find_map(|line| line.strip_prefix(&format!("{chain} "))).map(str::to_owned).expect("a row")
    };
    for (a, first) in structure.chains.iter().zip(&sequences) {
        for (b, second) in structure.chains.iter().zip(&sequences) {
            assert_eq!(entity_of(&a.id) == entity_of(&b.id), first == second, "{} and {}", a.id, b.id);
        }
    }
    // The third letter of one copy alone makes two of them.
    assert!(sequences.len() > 1);
    let text = designed(&structure, &[2], StructureFormat::Mmcif);
    assert!(text.contains("_entity.type\n1 polymer\n2 polymer\n"), "{}", &text[..600]);
}

/// Everything but the order of groups and B-factors of residues.
fn content(structure: &Structure) -> Vec<String> {
    let atom =
        |atom: &Atom| format!("{} {} {:?} {} {}", atom.name, atom.element, atom.position, atom.occupancy, atom.charge);
    let residues = structure.residues.iter().flat_map(|residue| {
        residue.atoms.iter().map(move |a| format!("{} {} {} {}", residue.id, residue.name, residue.hetatm, atom(a)))
    });
    let ligands = structure.ligand_atoms.iter().map(|ligand| {
        let presented = &ligand.presented;
        format!("{} {} {} {}", ligand.residue, ligand.residue_name, presented.hetatm, atom(&ligand.atom))
    });
    let mut lines: Vec<String> = residues.chain(ligands).collect();
    lines.sort();
    lines
}

#[test]
fn what_is_not_designed_reads_back_as_it_was() {
    for name in ["3MHT.pdb", "3HTN.pdb", "5L33.cif"] {
        let structure = read_path(&example(name), &ReadOptions::default()).expect("a structure");
        for format in [StructureFormat::Pdb, StructureFormat::Mmcif] {
            let back = read(&format!("x.{}", format.ending()), &designed(&structure, &[], format));
            assert_eq!(content(&back), content(&structure), "{name} as {format:?}");
            let kinds = |s: &Structure| s.ligand_atoms.iter().filter(|atom| !atom.presented.hetatm).count();
            assert_eq!(kinds(&back), kinds(&structure));
        }
    }
    // Nucleotides are there at all.
    let structure = read_path(&example("3MHT.pdb"), &ReadOptions::default()).expect("a structure");
    assert!(structure.ligand_atoms.iter().filter(|atom| !atom.presented.hetatm).count() > 300);
}

#[test]
fn a_designed_residue_has_its_backbone_and_the_others_their_side_chains() {
    let structure = read_path(&example("6MRR.pdb"), &ReadOptions::default()).expect("a structure");
    let back = read("x.pdb", &designed(&structure, &[0, 5], StructureFormat::Pdb));
    for (index, (found, given)) in back.residues.iter().zip(&structure.residues).enumerate() {
        if [0, 5].contains(&index) {
            let names: Vec<&str> = found.atoms.iter().map(|atom| atom.name.as_str()).collect();
            assert_eq!((found.name.as_str(), names), ("TRP", vec!["N", "CA", "C", "O"]));
            continue;
        }
        let atoms = |residue: &fastmpnn::structure::Residue| {
            residue.atoms.iter().map(|atom| (atom.name.clone(), atom.position)).collect::<Vec<_>>()
        };
        assert_eq!((&found.name, atoms(found)), (&given.name, atoms(given)), "{}", given.id);
        assert!(found.atoms.iter().all(|atom| atom.b_factor == 0.5));
    }
    // A native letter that was drawn has no side chain either.
    let native: Vec<Letter> = structure.residues.iter().map(|residue| residue.letter).collect();
    let (everything, confidence) = (vec![true; native.len()], vec![f32::NAN; native.len()]);
    let mut bytes = Vec::new();
    let written = WrittenStructure::of_design(&structure, &everything, &native, &confidence).expect("as many");
    written.write(&mut bytes, StructureFormat::Pdb).expect("room");
    let back = read_bytes("x.pdb", &bytes, &ReadOptions::default()).expect("a structure");
    assert!(back.residues.iter().all(|residue| residue.atoms.len() == 4 && residue.atoms[0].b_factor == 0.0));
    assert!(WrittenStructure::of_design(&structure, &everything[1..], &native, &confidence).is_err());
}

/// Two ligands, a chain and a residue number as only mmCIF holds them.
fn wide(rows: &str) -> String {
    let items =
        ["group_PDB", "type_symbol", "label_atom_id", "label_comp_id", "auth_asym_id", "auth_seq_id", "Cartn_x"];
    let items: String =
        items.iter().chain(&["Cartn_y", "Cartn_z"]).map(|item| format!("_atom_site.{item}\n")).collect();
    let protein = "ATOM N N ALA A 1 1.0 2.0 3.0\nATOM C CA ALA A 1 2.0 2.0 3.0\nATOM C C ALA A 1 3.0 2.5 3.0\n\
                   ATOM O O ALA A 1 3.0 3.5 3.0\n";
    format!("data_x\nloop_\n{items}{protein}{rows}")
}

#[test]
fn two_names_of_five_letters_stay_two() {
    let structure = read("x.cif", &wide("HETATM C C1 A1LU6 A 2 9 9 9\nHETATM C C1 A1LXY A 3 19 9 9\n"));
    let names = |name: &str, format| -> Vec<String> {
        let back = read(name, &designed(&structure, &[], format));
        back.ligand_atoms.iter().map(|atom| atom.residue_name.clone()).collect()
    };
    assert_eq!(names("x.cif", StructureFormat::Mmcif), ["A1LU6", "A1LXY"]);
    assert_eq!(names("x.pdb", StructureFormat::Pdb), ["A1L", "Q00"]);
    let text = designed(&structure, &[], StructureFormat::Pdb);
    for remark in
        ["REMARK   6 RESIDUE NAME A1LU6 IS WRITTEN AS A1L ", "REMARK   6 RESIDUE NAME A1LXY IS WRITTEN AS Q00 "]
    {
        assert!(text.contains(remark), "{text}");
    }
}

#[test]
fn ligands_that_share_a_label_are_one_molecule_where_they_are_bonded() {
    let row = |name: &str, number: i32, x: f32| format!("HETATM C C1 {name} A {number} {x} 9 9 E .\n");
    let text = wide("")
        .replace("_atom_site.Cartn_z\n", "_atom_site.Cartn_z\n_atom_site.label_asym_id\n_atom_site.label_seq_id\n")
        .replace(".0\nATOM", ".0 P 1\nATOM")
        .trim_end()
        .to_owned();
    let rows = [row("NAG", 2, 10.0), row("FUC", 3, 11.4), row("A1LU6", 4, 30.0), row("A1LXY", 5, 40.0)].concat();
    let structure = read("x.cif", &format!("{text} P 1\n{rows}"));
    let text = designed(&structure, &[], StructureFormat::Mmcif);
    let tables = "1 polymer\n2 branched\n3 non-polymer\n4 non-polymer\n";
    let labels = "_struct_asym.entity_id\nP 1\nE 2\nB 3\nC 4\n";
    assert!(text.contains(tables) && text.contains(labels), "{text}");
}

#[test]
fn mmcif_takes_the_place_of_pdb_where_that_has_no_room() {
    let format = |rows: &str, asked, atoms| choose_format(asked, &read("x.cif", &wide(rows)), atoms);
    let (pdb, cif) = (StructureFormat::Pdb, StructureFormat::Mmcif);
    assert_eq!(format("", None, 99_999), (pdb, None));
    assert_eq!(format("HETATM C C1 LIG AA 2 9 9 9\n", Some(cif), 1), (cif, None));
    for (rows, atoms, what, renamed) in [
        ("", 100_000, "100000 atoms, since its serial numbers end at 99999", true),
        ("HETATM C C1 LIG AA 2 9 9 9\n", 5, "the chain id AA", true),
        ("HETATM C C1 A1LU6 A 2 9 9 9\n", 5, "the residue name A1LU6 (residue A2)", true),
        ("HETATM C C1 LIG A 3000013 9 9 9\n", 5, "the number of residue A", false),
        ("HETATM C C1 LIG A -1000 9 9 9\n", 5, "the number of residue A", false),
        ("HETATM C C1 LIG A 2 -1000.5 9 9\n", 5, "the coordinate -1000.5 of residue A2", true),
        ("HETATM C \"HO5'1\" LIG A 2 9 9 9\n", 5, "the atom name HO5'1 of residue A2", true),
    ] {
        let (chosen, why) = format(rows, None, atoms);
        let why = why.expect("a reason");
        assert_eq!(chosen, cif, "{why}");
        assert!(why.contains("written as mmCIF") && why.contains(what), "{why}");
        // PDB if it is requested and possible.
        let (chosen, why) = format(rows, Some(pdb), atoms);
        assert_eq!(chosen, if renamed { pdb } else { cif });
        assert!(why.expect("a reason").contains(what));
    }
    let chain = |number: usize| format!("HETATM C C1 LIG C{number} 2 9 9 9\n");
    let rows: String = (0..62).map(chain).collect();
    let (chosen, why) = format(&rows, Some(pdb), 66);
    assert_eq!((chosen, why.is_some_and(|why| why.contains("63 chains"))), (cif, true));
}

#[test]
fn chains_and_numbers_that_do_not_fit_are_renamed_where_pdb_is_asked_for() {
    let rows = "ATOM N N MSE AAA 10000 -100.125 2.0 -12345.678\nATOM C CA MSE AAA 10000 2.0 2.0 3.0\n";
    let structure = read("x.cif", &wide(rows));
    let text = designed(&structure, &[0], StructureFormat::Pdb);
    assert!(text.contains("REMARK   6 CHAIN AAA IS WRITTEN AS B"), "{text}");
    assert!(text.contains("MSE BA000    -100.125   2.000-12345.7"), "{text}");
    let ids: Vec<String> = read("x.pdb", &text).residues.iter().map(|residue| residue.id.to_string()).collect();
    assert_eq!(ids, ["A1", "B10000"]);
}

#[test]
fn aliases_too_long_for_a_residue_name_are_standard_names_and_said() {
    let mut structure = read("x.cif", &wide("").replace("ALA", "NALA"));
    // As the reader gives it, whatever it takes for an alias.
    structure.residues[0].name = "NALA".to_owned();
    structure.residues[0].letter = parse_sequence("A").expect("a letter")[0];
    for (format, remark) in [
        (StructureFormat::Pdb, "REMARK   6 RESIDUE NALA A1 IS WRITTEN AS ALA"),
        (
            StructureFormat::Mmcif,
            "_pdbx_database_remark.id 6\n_pdbx_database_remark.text\n;\nRESIDUE NALA A1 IS WRITTEN AS ALA\n;",
        ),
    ] {
        let text = designed(&structure, &[], format);
        assert!(text.contains(remark), "{text}");
        assert!(!designed(&structure, &[0], format).contains("IS WRITTEN AS"));
        assert_eq!(read(&format!("x.{}", format.ending()), &text).residues[0].name, "ALA");
    }
}

#[test]
fn an_oxygen_that_stands_in_for_o_is_written_once() {
    let text = "\
ATOM      1  N   ALA A   1      10.000   0.000   5.000  1.00 10.00           N  
ATOM      2  CA  ALA A   1      11.400   0.000   5.000  1.00 10.00           C  
ATOM      3  C   ALA A   1      12.000   1.400   5.000  1.00 10.00           C  
ATOM      4  OT1 ALA A   1      11.400   2.400   5.000  1.00 10.00           O  
ATOM      5  OT2 ALA A   1      13.200   1.400   5.000  1.00 10.00           O  
";
    let back = read("x.pdb", &designed(&read("x.pdb", text), &[], StructureFormat::Pdb));
    let names: Vec<&str> = back.residues[0].atoms.iter().map(|atom| atom.name.as_str()).collect();
    assert_eq!(names, ["N", "CA", "C", "O", "OXT"]);
}
