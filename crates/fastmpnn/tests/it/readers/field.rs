//! Files of the kinds that users report, if they are available, each with the result that its users expect.

use fastmpnn::structure::{ReadOptions, read_path};

use super::hostile::check_invariants;
use super::letters;
use crate::shared::shared;

type Expected = (&'static str, &'static [(&'static str, usize)], usize, bool);

/// The file, its chains with their residues, its ligand groups' atoms in sum, and whether a warning is due.
const FILES: [Expected; 21] = [
    ("33-two-letter-chains/aa_ab.pdb", &[("AA", 34), ("AB", 34)], 0, false),
    ("33-two-letter-chains/na_nb.pdb", &[("NA", 34), ("PA", 34)], 0, false),
    ("11-cyana-names/chainA.pdb", &[("A", 32)], 0, true),
    ("04-amber-terminal/nala_chainA.pdb", &[("A", 32)], 0, true),
    ("04-amber-terminal/nterm_cterm_chainA.pdb", &[("A", 32)], 0, true),
    ("01-segid-blank-chain/two_ter_same_chain.pdb", &[("A", 34), ("B", 34)], 0, true),
    ("01-segid-blank-chain/two_segments_same_chain.pdb", &[("A", 34), ("B", 34)], 0, true),
    ("31-cif-two-blocks/protein_then_ligand.cif", &[("A", 48)], 57, false),
    ("31-cif-two-blocks/ligand_then_protein.cif", &[("A", 48)], 57, false),
    ("05-label-only-cif/auth_seq_unknown.cif", &[("A", 33)], 57, true),
    ("10-cif-same-auth-number/dup_auth.cif", &[("A", 33)], 0, true),
    ("15-zero-nan/nan_sidechain.pdb", &[("A", 32)], 0, true),
    ("18-pdbqt/complex.pdbqt", &[("A", 42)], 12, false),
    ("19-ion-names/blank_elements.pdb", &[("A", 42)], 49, true),
    ("21-rosetta/scored.pdb", &[("A", 42)], 0, true),
    ("29-cif-odd/two_atom_site_loops.cif", &[("A", 33)], 0, false),
    ("16-encodings/cr_only.pdb", &[("A", 32)], 0, false),
    ("12-case/lower_resname.pdb", &[("A", 32)], 0, true),
    ("41-md-atom-names/gromacs_amber.pdb", &[("A", 129)], 0, true),
    ("26-five-letter-ligands/a1.cif", &[("PROT1", 48)], 62, false),
    ("45-compressed/trail.pdb.gz", &[("A", 106)], 0, true),
];

#[test]
fn reported_files_are_read_as_their_users_expect() {
    let Some(folder) = shared("field") else { return };
    for (file, chains, ligand_atoms, warned) in FILES {
        let structure =
            read_path(&folder.join(file), &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"));
        check_invariants(&structure);
        let found: Vec<(&str, usize)> =
            structure.chains.iter().map(|chain| (chain.id.as_ref(), chain.residues.len())).collect();
        assert_eq!(found, chains, "{file}");
        assert_eq!(structure.ligand_atoms.len(), ligand_atoms, "{file}");
        assert_eq!(!structure.warnings.is_empty(), warned, "{file}: {:?}", structure.warnings);
        assert!(!letters(&structure).contains('X'), "{file}");
    }
    let refused = read_path(&folder.join("16-encodings/spaces_collapsed.pdb"), &ReadOptions::default()).unwrap_err();
    assert!(refused.to_string().contains("do not stand in the fixed columns"), "{refused}");
}
