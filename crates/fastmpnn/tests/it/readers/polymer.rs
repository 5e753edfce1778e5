//! Telling protein from ligands where names and records do not decide.

use fastmpnn::structure::{BackboneAtoms, ReadOptions, Structure, describe, read_bytes};

use super::{assert_says, atom, cif_residue, cif_table, ids, letters, read, read_cif, residue, warnings};

/// Names of ligands in file order.
fn ligands(structure: &Structure) -> Vec<String> {
    describe(structure).ligands.iter().map(|group| group.name.clone()).collect()
}

/// Residues 1, 2, … of chain A on a straight chain: each a record and a name.
fn chain(residues: &[(&str, &str)]) -> String {
    let number = |index: usize| index as i32 + 1;
    residues
        .iter()
        .enumerate()
        .map(|(index, (record, name))| residue(record, &format!(" {name} A{:>4} ", number(index)), number(index)))
        .collect()
}

fn cif(rows: &str) -> String {
    format!("data_x\n{}", cif_table(rows))
}

#[test]
fn bonded_hetatm_residues_are_protein_whichever_way_the_bonds_are_followed() {
    let names = ["ALA", "GLY", "SER", "TRP", "MSE", "LEU", "VAL", "HIE", "PHE", "TYR"];
    // Which residues are HETATM: in the middle, at the ends, all but one, all.
    for hetatm in [3..8, 0..2, 8..10, 0..9, 0..10] {
        let record = |index: usize| if hetatm.contains(&index) { "HETATM" } else { "ATOM" };
        let residues: Vec<(&str, &str)> =
            names.iter().enumerate().map(|(index, &name)| (record(index), name)).collect();
        for end in ["", "TER\n"] {
            let structure = read(&(chain(&residues) + end));
            assert_eq!(letters(&structure), "AGSWMLVHFY", "{hetatm:?}");
            assert!(structure.ligand_atoms.is_empty());
        }
    }
    // One of which only N and CA were seen.
    let text = chain(&[("ATOM", "ALA"), ("HETATM", "GLY"), ("HETATM", "SER")]);
    let structure = read(&text.lines().take(10).map(|line| format!("{line}\n")).collect::<String>());
    assert_eq!(
        (letters(&structure).as_str(), structure.is_resolved(2), structure.ligand_atoms.len()),
        ("AGS", false, 0)
    );
    let structure = read(&chain(&[("ATOM", "ALA"), ("HETATM", "GLY"), ("HETATM", "SER"), ("ATOM", "VAL")]));
    let sentence = "line 5: residues A2, A3: standard amino acids as HETATM but bonded to the chain: read as protein\n";
    assert_eq!(warnings(&structure), sentence);
}

#[test]
fn a_polymer_of_an_mmcif_file_is_protein_though_it_is_hetatm() {
    let names = ["GLY", "ALA", "PRO", "THR"];
    let all: String = (1..)
        .zip(names)
        .map(|(index, name)| cif_residue("HETATM", name, &format!("A {index} {} A", index + 12), index))
        .collect();
    let structure = read_cif(&cif(&all));
    assert_eq!((letters(&structure).as_str(), structure.ligand_atoms.len()), ("GAPT", 0));
    // A residue between two unresolved stretches, and a dipeptide that the file numbers along a polymer.
    let one = all.clone() + &cif_residue("HETATM", "LYS", "A 7 19 A", 7);
    assert_eq!(letters(&read_cif(&cif(&one))), "GAPTK");
    let dipeptide = |label: [&str; 2]| {
        cif(&(cif_residue("HETATM", "GLY", &format!("B {} 1 B", label[0]), 1)
            + &cif_residue("HETATM", "LEU", &format!("B {} 2 B", label[1]), 2)))
    };
    assert_eq!(letters(&read_cif(&dipeptide(["1", "2"]))), "GL");
    assert_eq!(ligands(&read_cif(&dipeptide([".", "."]))), ["GLY", "LEU"]);
}

#[test]
fn free_amino_acids_and_dipeptides_are_ligands_and_longer_peptides_are_not() {
    let protein = chain(&[("ATOM", "ALA"), ("ATOM", "GLY")]);
    let peptide = |chain: &str, names: &[&str]| -> String {
        (0..)
            .zip(names)
            .map(|(at, name)| residue("HETATM", &format!(" {name} {chain}{:>4} ", 301 + at), 30 + at))
            .collect()
    };
    for end in ["", "TER\n"] {
        for names in [&["GLU"][..], &["GLY", "LEU"]] {
            let structure = read(&(protein.clone() + end + &peptide("A", names)));
            assert_eq!(
                (letters(&structure).as_str(), ligands(&structure)),
                ("AG", names.iter().map(ToString::to_string).collect())
            );
        }
        let structure = read(&(protein.clone() + end + &peptide("B", &["GLY", "LEU", "SEP"])));
        assert_eq!(ids(&structure), ["A1", "A2", "B301", "B302", "B303"]);
        assert_eq!(letters(&structure), "AGGLS");
    }
    // The file says that it is not part of the chain whose id it shares.
    let structure = read(&(protein + "TER\n" + &peptide("A", &["GLY", "LEU", "SER"])));
    assert_eq!((letters(&structure).as_str(), ligands(&structure).len()), ("AG", 3));
}

#[test]
fn a_modified_amino_acid_that_is_bonded_to_nothing_is_a_ligand() {
    let protein = chain(&[("ATOM", "ALA"), ("ATOM", "GLY"), ("ATOM", "SER")]);
    let far = |site: &str| residue("HETATM", site, 40);
    let files = [
        protein.clone() + &far(" CIR B   1 "),
        // Molecular dynamics writes ATOM for everything.
        protein.clone() + "TER\n" + &far(" CIR B   1 ").replace("HETATM", "ATOM  "),
        protein.clone() + "TER\n" + &far(" SEP A   4 ").replace("HETATM", "ATOM  ") + "TER\n",
        protein.clone() + &far(" CIR A 301 "),
        protein.clone() + "TER\n" + &far(" CIR A 301 "),
        protein.clone() + &far(" CIR A 301 ") + "TER\n",
        // The number follows, but the distance does not.
        protein.clone() + &far(" SEP A   4 ") + "TER\n",
        far(" MSE A   1 ") + &protein.replace(" A   ", " B   "),
    ];
    for text in files {
        let structure = read(&text);
        assert_eq!((letters(&structure).as_str(), structure.ligand_atoms.len()), ("AGS", 4), "{text}");
        assert!(structure.warnings.is_empty(), "{}", warnings(&structure));
    }
    let protein: String = (1..)
        .zip(["ALA", "GLY", "SER"])
        .map(|(index, name)| cif_residue("ATOM", name, &format!("A {index} {index} A"), index))
        .collect();
    for ids in ["B 1 1 B", "B 1 301 A", "A 4 4 A", "A 301 301 A"] {
        let structure = read_cif(&cif(&(protein.clone() + &cif_residue("HETATM", "CIR", ids, 40))));
        assert_eq!((letters(&structure).as_str(), structure.ligand_atoms.len()), ("AGS", 4), "{ids}");
    }
}

#[test]
fn a_modified_residue_beside_unresolved_stretches_is_protein() {
    let at = |record: &str, name: &str, number: i32| residue(record, &format!(" {name} A{number:>4} "), number);
    let begin = at("ATOM", "ALA", 1) + &at("ATOM", "GLY", 2);
    let end = at("ATOM", "SER", 9) + &at("ATOM", "VAL", 10);
    let alone = at("HETATM", "MSE", 6);
    assert_eq!(letters(&read(&(begin.clone() + &alone + &end))), "AGMSV");
    assert_eq!(letters(&read(&(begin.clone() + &alone + "TER\n"))), "AGM");
    assert_eq!(letters(&read(&(alone.clone() + &end + "TER\n"))), "MSV");
    let atom = alone.replace("HETATM", "ATOM  ");
    assert_eq!(letters(&read(&(begin.clone() + &atom + &end))), "AGMSV");
    assert_eq!(letters(&read(&(begin.clone() + &atom))), "AGM");
    // Renumbered, so that nothing shows the unresolved residues around it.
    let anew = begin.clone() + &atom.replace(" A   6 ", " A   3 ") + &end.replace(" A   9 ", " A   4 ");
    assert_eq!(letters(&read(&anew)), "AGMSV");
    // Badly bent, 2.2 Å from C to N.
    let bent = begin + &at("HETATM", "MSE", 3).replace("   0.000   0.000  1.00", "   2.000   0.000  1.00");
    assert_eq!(letters(&read(&(bent + "TER\n"))), "AGM");
    let label = |name: &str, record: &str, number: i32| {
        cif_residue(record, name, &format!("A {number} {} A", number + 100), number)
    };
    let text = cif(&(label("ALA", "ATOM", 1) + &label("GLY", "ATOM", 2) + &label("MSE", "HETATM", 20)));
    assert_eq!(letters(&read_cif(&text)), "AGM");
}

#[test]
fn a_residue_without_a_ca_is_no_amino_acid_whatever_its_name() {
    let protein = chain(&[("ATOM", "ALA"), ("ATOM", "GLY")]);
    let lipid = |site: &str| -> String {
        let names = ["N", "C13", "C14", "P", "O13"];
        (0..).zip(names).map(|(at, name)| atom("ATOM", name, site, [at as f32 * 1.5, 20.0, 0.0], &name[..1])).collect()
    };
    for (site, name) in [(" DPPCL   1 ", "DPP"), (" SDPCM   2 ", "SDP"), (" DHA L   1 ", "DHA"), (" DNP B   1 ", "DNP")]
    {
        for end in ["", "TER\n"] {
            let structure = read(&(protein.clone() + "TER\n" + &lipid(site) + end));
            assert_eq!(letters(&structure), "AG", "{site}");
            let groups = describe(&structure).ligands;
            assert_eq!(groups.len(), 1);
            assert!(groups[0].name.starts_with(name) && groups[0].atoms == 5, "{}", groups[0].name);
        }
    }
    let numbered: String =
        cif_residue("ATOM", "ALA", "A 1 1 A", 1) + "ATOM N N DHA L 1 1 L 0 9 0\nATOM C C1 DHA L 1 1 L 0 9 1\n";
    assert_eq!(ligands(&read_cif(&cif(&numbered))), ["DHA"]);
    // The rest of a residue at the end of the resolved stretch.
    let rest = |name: &str| protein.clone() + &atom("ATOM", "N", &format!(" {name} A   3 "), [11.4, 0.0, 0.0], "N");
    for name in ["SER", "SEP"] {
        let structure = read(&rest(name));
        assert_eq!((letters(&structure).as_str(), structure.ligand_atoms.len()), ("AGS", 0));
        assert_says(&structure, "residue A3: no CA, C atom: kept in the sequence, masked");
    }
}

#[test]
fn an_unknown_residue_of_the_chain_is_x_at_its_place() {
    let inside =
        [("ATOM", "ALA"), ("HETATM", "QQ1"), ("HETATM", "QQ1"), ("ATOM", "GLY"), ("HETATM", "QQ2"), ("ATOM", "VAL")];
    let structure = read(&chain(&inside));
    assert_eq!((letters(&structure).as_str(), structure.ligand_atoms.len()), ("AXXGXV", 0));
    assert_eq!(
        warnings(&structure),
        "line 5: residues A2, A3: QQ1 names no known amino acid: read as X\n\
         line 17: residue A5: QQ2 names no known amino acid: read as X\n"
    );
    // At an end, where the file says that it is part of the polymer.
    let end = chain(&[("HETATM", "QQ1"), ("ATOM", "ALA"), ("ATOM", "GLY"), ("HETATM", "QQ2")]);
    assert_eq!(letters(&read(&(end.clone() + "TER\n"))), "XAGX");
    assert_eq!(letters(&read(&end)), "AG");
    let labeled = cif_residue("ATOM", "ALA", "A 1 1 A", 1) + &cif_residue("HETATM", "QQ1", "A 2 2 A", 2);
    assert_eq!(letters(&read_cif(&cif(&labeled))), "AX");
    let ligand = labeled.replace(" A 2 2 A", " B . 2 A");
    assert_eq!(letters(&read_cif(&cif(&ligand))), "A");
}

#[test]
fn traces_of_hetatm_are_protein_by_the_distance_of_their_ca_atoms() {
    let alpha =
        |name: &str, number: i32, x: f32| atom("HETATM", "CA", &format!(" {name} A{number:>4} "), [x, 0.0, 0.0], "C");
    let trace = alpha("ALA", 1, 0.0) + &alpha("MSE", 2, 3.8) + &alpha("GLY", 3, 7.6) + &alpha("CA ", 90, 30.0);
    let options = ReadOptions::default().with_needs(BackboneAtoms::Alpha);
    let structure = read_bytes("x", trace.as_bytes(), &options).unwrap();
    assert_eq!((letters(&structure).as_str(), structure.ligand_atoms.len()), ("AMG", 1));
}
