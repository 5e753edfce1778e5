//! Names of residues, atoms and ions in other spellings, atoms without coordinates, and how residues are shown.

use fastmpnn::spec::DesignSpec;
use fastmpnn::structure::{DamagedLines, ReadOptions, Structure, describe, read_atom_lines, read_bytes};

use super::mmcif::CIF;
use super::{assert_says, atom, ids, letters, oxygen, read, read_cif, residue, warnings, without_carbonyl_oxygens};

fn elements(structure: &Structure) -> Vec<&str> {
    structure.ligand_atoms.iter().map(|ligand| ligand.atom.element.as_str()).collect()
}

#[test]
fn residue_names_may_be_in_small_letters() {
    let text = residue("ATOM", " ala A   1 ", 0)
        + &residue("ATOM", " Gly A   2 ", 1)
        + &residue("HETATM", " mse A   3 ", 2)
        + &residue("ATOM", " hsd A   4 ", 3)
        + &atom("HETATM", "O", " hoh A 201 ", [9.0; 3], "O")
        + &atom("HETATM", "C1", " lig A 202 ", [8.0; 3], "C");
    let structure = read(&text);
    assert_eq!(letters(&structure), "AGMH");
    let names: Vec<&str> = structure.residues.iter().map(|residue| residue.name.as_str()).collect();
    assert_eq!(names, ["ALA", "GLY", "MSE", "HSD"]);
    assert_eq!(describe(&structure).ligands[0].name, "lig");
    assert_says(&structure, "line 1: residue names in small letters (ala, Gly, mse, hsd, hoh): read as in capitals");
    let small = warnings(&structure).matches("small letters").count();
    assert_eq!(small, 1);
    assert_eq!(letters(&read_cif(&CIF.replace(" ALA ", " ala "))), "AM");
    // Everything in small letters but the records.
    let small: String = (residue("ATOM", " ALA A   1 ", 0) + &atom("HETATM", "CA", "  CA A 101 ", [9.0; 3], "CA"))
        .lines()
        .map(|line| format!("{}{}\n", &line[..6], line[6..].to_lowercase()))
        .collect();
    let structure = read(&small);
    assert_eq!((letters(&structure).as_str(), structure.chains[0].id.as_ref()), ("A", "a"));
    assert!(structure.residues[0].backbone().is_some());
    assert_eq!(elements(&structure), ["CA"]);
    assert_says(&structure, "line 1: atom names in small letters (n, ca, c and others): read as in capitals");
}

#[test]
fn oxygens_of_a_c_terminus_have_many_names() {
    let whole = residue("ATOM", " ALA A   1 ", 0) + &residue("ATOM", " LEU A   2 ", 1);
    let expected = oxygen(&read(&whole), 1);
    for (first, second) in [("OC1", "OC2"), ("OT1", "OT2"), ("O1", "O2"), ("O'", "O''")] {
        let text = residue("ATOM", " ALA A   1 ", 0)
            + &without_carbonyl_oxygens(&residue("ATOM", " LEU A   2 ", 1))
            + &atom("ATOM", first, " LEU A   2 ", expected, "O")
            + &atom("ATOM", second, " LEU A   2 ", [7.0, 1.2, 0.0], "O");
        let structure = read(&text);
        assert_eq!(oxygen(&structure, 1), expected, "{first}");
        let names: Vec<&str> = structure.residues[1].atoms.iter().map(|atom| atom.name.as_str()).collect();
        assert_eq!(names, ["N", "CA", "C", "O", "OXT"]);
        assert_eq!(
            warnings(&structure),
            format!("line 5: residue A2: no O atom: {first} is read as O, and {second} as OXT\n")
        );
    }
    // The O1 of a side chain is no carbonyl's, and a ligand keeps its names.
    let far = without_carbonyl_oxygens(&residue("ATOM", " MSE A   1 ", 0))
        + &atom("ATOM", "O1", " MSE A   1 ", [9.0; 3], "O")
        + &atom("HETATM", "C", " LIG A 101 ", [9.0, 0.0, 9.0], "C")
        + &atom("HETATM", "CA", " LIG A 101 ", [9.0, 1.5, 9.0], "C")
        + &atom("HETATM", "OC1", " LIG A 101 ", [9.0, 1.0, 9.0], "O");
    let structure = read(&far);
    assert_says(&structure, "residue A1: no O atom: rebuilt from N, CA and C");
    assert_eq!(structure.ligand_atoms[2].atom.name, "OC1");
    let isoleucine = residue("ATOM", " ILE A   1 ", 0) + &atom("ATOM", "CD", " ILE A   1 ", [1.0, 4.0, 0.0], "C");
    assert!(read(&isoleucine).residues[0].atom("CD1").is_some());
}

#[test]
fn atoms_without_coordinates_are_absent() {
    let text = residue("ATOM", " ALA A   1 ", 0)
        + &residue("ATOM", " PHE A   2 ", 1)
        + &atom("ATOM", "CB", " PHE A   2 ", [5.0, 2.0, 0.0], "C")
        + &atom("HETATM", "C1", " LIG A 101 ", [9.0, 0.0, 9.0], "C");
    let replaced = |written: [&str; 3]| {
        let fields: String = written.iter().map(|word| format!("{word:>8}")).collect();
        let line = |line: &str| match &line[12..16] {
            " CB " | " C1 " => format!("{}{fields}{}\n", &line[..30], &line[54..]),
            _ => format!("{line}\n"),
        };
        text.lines().map(line).collect::<String>()
    };
    let spellings = [
        ["nan"; 3],
        ["NaN", "1.000", "2.000"],
        ["inf", "-inf", "0.000"],
        ["********"; 3],
        ["1.000", "********", "1.000"],
        [""; 3],
        ["-1.#IND", "1.#QNAN", "1.#INF"],
    ];
    for written in spellings {
        let structure = read(&replaced(written));
        assert_eq!((letters(&structure).as_str(), structure.ligand_atoms.len()), ("AF", 0), "{written:?}");
        assert!(structure.residues[1].atom("CB").is_none());
        assert_eq!(warnings(&structure), "line 9: 2 atoms of residues A2, A101 have no coordinates: absent\n");
    }
    // A backbone atom: the residue is masked.
    let lost: String = text
        .lines()
        .map(|line| line.replacen("   1.300   0.700   0.000", "     nan     nan     nan", 1) + "\n")
        .collect();
    let structure = read(&lost);
    assert_says(&structure, "line 2: 1 atom of residue A1 has no coordinates: absent");
    assert_says(&structure, "residue A1: no CA atom: kept in the sequence, masked");
    let nowhere: String =
        text.lines().map(|line| format!("{}     nan     nan     nan{}\n", &line[..30], &line[54..])).collect();
    let error = read_bytes("x.pdb", nowhere.as_bytes(), &ReadOptions::default()).unwrap_err().to_string();
    assert_eq!(error, "x.pdb: holds no atoms: none of them has coordinates");
    let lines = read_atom_lines("x.pdb", nowhere.as_bytes(), DamagedLines::Refuse).unwrap();
    assert!(lines.atoms.len() > 9 && lines.atoms.iter().all(|atom| atom.position.is_none()));
    let cif = read_cif(&CIF.replacen("2.5 -1.2 0.0", "? ? ?", 1).replacen("9.0 9.0 9.0", "nan . 1", 1));
    assert_eq!((letters(&cif).as_str(), cif.ligand_atoms.len()), ("AM", 0));
}

#[test]
fn elements_stand_in_columns_78_and_79_of_pdbqt_files() {
    let kinds = ["A", "NA", "OA", "Cl", "C", "HD", "SA", "Br", "Zn", "F", "N", "Mg", "CG"];
    let line = |(index, kind): (usize, &&str)| {
        let line = atom("HETATM", &format!("X{index}"), " LIG B   1 ", [9.0, 2.0 * index as f32, 0.0], "");
        format!("{}    +0.100 {kind:<2}\n", &line[..66])
    };
    let text: String = residue("ATOM", " ALA A   1 ", 0) + &kinds.iter().enumerate().map(line).collect::<String>();
    let structure = read(&text);
    assert_eq!(elements(&structure), ["C", "N", "O", "CL", "C", "H", "S", "BR", "ZN", "F", "N", "MG", "C"]);
    assert_eq!(warnings(&structure), "");
    // A symbol that is a column to the right of its place.
    let shifted = atom("HETATM", "X1", " LIG B   1 ", [9.0; 3], "").trim_end().to_owned();
    let shifted = format!("{shifted:<77}Cl\n");
    assert_eq!(elements(&read(&shifted)), ["CL"]);
    // Charges stand there, too.
    let charged = atom("HETATM", "O1", " LIG B   1 ", [9.0; 3], "O").replace(" O\n", " O1-\n");
    assert_eq!(elements(&read(&charged)), ["O"]);
}

#[test]
fn ions_have_names_of_their_own() {
    let ions = [
        ("SOD", "SOD", "NA"),
        ("POT", "POT", "K"),
        ("CAL", "CAL", "CA"),
        ("CES", "CES", "CS"),
        ("RUB", "RUB", "RB"),
        ("CAD", "CAD", "CD"),
        ("BAR", "BAR", "BA"),
        ("LIT", "LIT", "LI"),
        ("CLA", "CLA", "CL"),
        ("SOD", "NA", "NA"),
        ("Na+", "Na+", "NA"),
        ("Cl-", "Cl-", "CL"),
        ("K+", "K+", "K"),
        ("ZN2", "ZN", "ZN"),
        ("MG2", "MG", "MG"),
    ];
    let line = |(index, (residue, name, _)): (usize, &(&str, &str, &str))| {
        let site = format!(" {residue:<3} I{:>4} ", index + 1);
        atom("ATOM", name, &site, [9.0, 4.0 * index as f32, 0.0], "")
    };
    let text = residue("ATOM", " ALA A   1 ", 0) + &ions.iter().enumerate().map(line).collect::<String>();
    let structure = read(&text);
    assert_eq!(elements(&structure), ions.map(|(_, _, element)| element));
    assert_says(&structure, "residues I1, I10: 1 atom of SOD has no element: read as Na by its name");
    assert_says(&structure, "residue I9: 1 atom of CLA has no element: read as Cl by its name");
    assert_says(&structure, "residue I14: 1 atom of ZN2 has no element: read as Zn by its name");
    let guessed = residue("ATOM", " ALA A   1 ", 0)
        + &atom("ATOM", "SOD", " SOD I   1 ", [9.0; 3], "S")
        + &atom("ATOM", "CLA", " CLA I   2 ", [5.0; 3], "C");
    let structure = read(&guessed);
    assert_eq!(elements(&structure), ["NA", "CL"]);
    assert_says(&structure, "SOD is read as Na, as CHARMM calls it, though the file has S for its element");
}

#[test]
fn lines_that_lost_their_columns_are_called_so() {
    let text = residue("ATOM", " ALA A   1 ", 0) + &atom("HETATM", "C1", " LIG B   1 ", [9.0; 3], "C");
    let collapsed = |from: usize| {
        let words = |(index, line): (usize, &str)| match index {
            _ if index < from => format!("{line}\n"),
            _ => line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n",
        };
        text.lines().enumerate().map(words).collect::<String>()
    };
    for from in [0, 2, 4] {
        let error = read_bytes("x.pdb", collapsed(from).as_bytes(), &ReadOptions::default()).unwrap_err().to_string();
        let sentence = format!(
            "x.pdb: line {}: the fields of this atom line do not stand in the fixed columns of the PDB format: its spaces \
             were collapsed, or it was shifted",
            from + 1
        );
        assert_eq!(error, sentence);
    }
}

#[test]
fn ids_in_sentences_are_what_selections_read() {
    let cases = [
        ("PROT1", 3_000_013, "PROT1:3000013"),
        ("AB", -3, "AB:-3"),
        ("1", 15, "1:15"),
        ("A", 12, "A12"),
        ("é", 5, "é5"),
    ];
    for (chain, number, shown) in cases {
        let text = CIF.replace("Heavy", chain).replace(" -3 ", &format!(" {number} "));
        let structure = read_cif(&text.replace("2.5 0.0 0.0 ATOM", "nan 0.0 0.0 ATOM"));
        assert_eq!(ids(&structure)[0], shown);
        assert_says(&structure, &format!("residue {shown}: no C atom: kept in the sequence, masked"));
        let spec = DesignSpec { fix: vec![shown.to_owned()], ..DesignSpec::default() };
        let plan = spec.resolve(&structure);
        assert!(plan.is_ok(), "{shown}: {:?}", plan.err());
    }
}
