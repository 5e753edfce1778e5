//! Membrane labels, and those that are proposed.

use fastmpnn::spec::{
    DesignSpec, LabelProposal, MembraneClass, MembraneFrame, MembraneLabel, MembraneLabels, Placement,
};
use fastmpnn::structure::{LigandAtom, Presented, Structure};

use super::wishes::{Builder, dimer, refusal, resolve, strings};

#[test]
fn labels_by_residue() {
    let structure = dimer();
    let spec = DesignSpec {
        membrane_buried: strings(&["A2-4", "A6"]),
        membrane_interface: strings(&["A5", "B1"]),
        ..DesignSpec::default()
    };
    let plan = resolve(&spec, &structure);
    let class = |name: &str| {
        let index = structure.residues.iter().position(|residue| residue.id.to_string() == name).expect("a residue");
        plan.environment.membrane[index]
    };
    assert_eq!(["A2", "A3", "A4", "A6"].map(class), [MembraneClass::Buried; 4]);
    assert_eq!(["A5", "B1"].map(class), [MembraneClass::Interface; 2]);
    assert_eq!(["A1", "B2"].map(class), [MembraneClass::Outside; 2]);
    let summary = plan.summary(&structure);
    assert!(summary.contains("labels A2-4,A6 buried; labels A5,B1 interface"), "{summary}");
}

#[test]
fn labels_of_the_whole_protein() {
    let structure = dimer();
    for (label, class) in
        [(MembraneLabel::Soluble, MembraneClass::Outside), (MembraneLabel::Transmembrane, MembraneClass::Interface)]
    {
        let spec = DesignSpec { membrane_global: Some(label), ..DesignSpec::default() };
        let plan = resolve(&spec, &structure);
        assert_eq!(plan.environment.membrane, vec![class; structure.residues.len()]);
    }
    assert!(resolve(&DesignSpec::default(), &structure).environment.membrane.is_empty());
    assert!("transmembrane".parse::<MembraneLabel>().is_ok());
    let error = "in".parse::<MembraneLabel>().expect_err("no label").to_string();
    assert_eq!(error, "`membrane_global` `in`: is not a label of a protein; the labels are soluble and transmembrane");
}

#[test]
fn contradictions_are_refused() {
    let structure = dimer();
    let buried = DesignSpec { membrane_buried: strings(&["A1-5"]), ..DesignSpec::default() };
    let both = DesignSpec { membrane_interface: strings(&["A4-8"]), ..buried.clone() };
    let message = "A4-5 is in both `membrane_buried` and `membrane_interface`; a residue has one label";
    assert_eq!(refusal(&both, &structure), message);
    let global = DesignSpec { membrane_global: Some(MembraneLabel::Soluble), ..buried };
    assert!(refusal(&global, &structure).contains("give one"));
    let unknown = DesignSpec { membrane_interface: strings(&["Z"]), ..DesignSpec::default() };
    assert!(refusal(&unknown, &structure).starts_with("`membrane_interface` `Z`: no chain Z"));
}

#[test]
fn a_file_labels_several_structures() {
    let structure = dimer();
    let placement = |class| Some(Placement { depth: 0.0, neighbors: 0, class });
    let mut placements = vec![None; structure.residues.len()];
    placements[1] = placement(MembraneClass::Buried);
    placements[2] = placement(MembraneClass::Interface);
    placements[3] = placement(MembraneClass::Outside);
    let mut file = Vec::new();
    LabelProposal { placements }.write(&mut file, true, &structure).expect("labels in memory");
    file.extend(b"other,Z,1,,buried\n");
    let labels = MembraneLabels::parse("labels.csv", &file).expect("what was written");
    let spec = labels.applied_to(&DesignSpec::default(), &structure).expect("its own residues");
    assert_eq!((spec.membrane_buried, spec.membrane_interface), (strings(&["A2"]), strings(&["A3"])));

    let refused = |lines: &str| {
        let text = format!("structure,chain,number,insertion,label\n{lines}");
        let labels = MembraneLabels::parse("labels.csv", text.as_bytes());
        labels.and_then(|labels| labels.applied_to(&DesignSpec::default(), &structure)).expect_err(lines).to_string()
    };
    let name = &structure.name;
    let unknown = refused(&format!("{name},A,2,,other\n{name},A,99,,buried\n"));
    assert!(
        unknown.starts_with("labels.csv: line 3: residue `A:99`: no residue A99 in test: chain A runs 1–20; nearest")
    );
    let twice = refused(&format!("{name},A,2,,other\n{name},A,2,,buried\n"));
    assert_eq!(twice, "labels.csv: line 3: residue A2 is other in a line before, and buried here");
    assert_eq!(refused("x,A,1,,buried\n"), format!("labels.csv: labels no residue of {name}; it labels those of x"));
    let label = refused(&format!("{name},A,1,,wet\n"));
    assert_eq!(label, "labels.csv: line 2: `wet` is not one of the labels buried, interface, other");
    assert_eq!(refused(""), "labels.csv: labels no residue");
}

const HALF_THICKNESS: f32 = 14.0;

/// Seven α-helices of 46 residues across the membrane, one in the middle of six at 9.5 Å, cylinder coordinates of an ideal
/// helix.
fn bundle() -> Structure {
    const ATOMS: [(f32, f32, f32); 4] = [(1.55, -27.5, -0.9), (2.28, 0.0, 0.0), (1.68, 26.4, 1.05), (2.0, 24.0, 2.3)];
    let mut builder = Builder::new();
    let chains = ["A", "B", "C", "D", "E", "F", "G"];
    for chain in chains {
        builder = builder.run(chain, 1..=46, "A");
    }
    let mut structure = builder.0;
    for residue in &mut structure.residues {
        let (helix, place) = (residue.chain, residue.id.number as f32 - 23.5);
        let around = (60.0 * helix as f32).to_radians();
        let (x, y) = if helix == 0 { (0.0, 0.0) } else { (9.5 * around.cos(), 9.5 * around.sin()) };
        for (atom, (radius, turn, rise)) in residue.atoms.iter_mut().zip(ATOMS) {
            let angle = (100.0 * place + turn).to_radians();
            atom.position = [x + radius * angle.cos(), y + radius * angle.sin(), 1.5 * place + rise];
        }
    }
    structure
}

#[test]
fn labels_are_proposed_by_depth_where_side_chains_point_outward() {
    let structure = bundle();
    let frame = MembraneFrame::of_half_thickness(HALF_THICKNESS);
    let proposal = LabelProposal::new(&structure, &frame);
    let mut labeled = [0; 3];
    for (residue, placement) in structure.residues.iter().zip(&proposal.placements) {
        let placement = placement.expect("a backbone");
        let [x, y, z] = residue.atom("CA").expect("a CA").position;
        assert!((placement.depth - z).abs() < 1e-4);
        // Away from the ends, the helix in the middle has its side chains among the others.
        if residue.chain == 0 && z.abs() < 25.0 {
            assert_eq!(placement.class, MembraneClass::Outside, "{}", residue.id);
        }
        let class = match (placement.neighbors, z.abs()) {
            (9.., _) | (_, 24.0..) => MembraneClass::Outside,
            (_, ..9.0) => MembraneClass::Buried,
            _ => MembraneClass::Interface,
        };
        assert_eq!(placement.class, class, "{} at {x} {y} {z}", residue.id);
        labeled[class as usize] += 1;
    }
    assert!(labeled.iter().all(|&count| count > 10), "{labeled:?}");
    // Of each outer helix some face the water or the lipid, and some the bundle.
    for chain in 1..7 {
        let mut exposed = structure.residues.iter().zip(&proposal.placements).filter(|(residue, _)| {
            let z = residue.atom("CA").expect("a CA").position[2];
            residue.chain == chain && z.abs() < 8.0
        });
        let buried = |(_, placement): (_, &Option<Placement>)| placement.expect("one").class == MembraneClass::Buried;
        assert!(exposed.clone().any(buried) && !exposed.all(buried), "helix {chain}");
    }
    // What is proposed reads back as the same labels.
    let spec = DesignSpec {
        membrane_buried: vec![proposal.selection(MembraneClass::Buried, &structure)],
        membrane_interface: vec![proposal.selection(MembraneClass::Interface, &structure)],
        ..DesignSpec::default()
    };
    let classes: Vec<MembraneClass> = proposal.placements.iter().flatten().map(|placement| placement.class).collect();
    assert_eq!(resolve(&spec, &structure).environment.membrane, classes);
    assert!(spec.membrane_buried[0].starts_with('B') && spec.membrane_interface[0].starts_with('B'), "{spec:?}");
}

#[test]
fn the_frame_may_be_any() {
    let structure = bundle();
    let labels = |structure: &Structure, frame| -> Vec<MembraneClass> {
        LabelProposal::new(structure, &frame).placements.iter().flatten().map(|placement| placement.class).collect()
    };
    let expected = labels(&structure, MembraneFrame::of_half_thickness(HALF_THICKNESS));
    // z becomes x, and everything moves.
    let mut moved = structure.clone();
    for atom in moved.residues.iter_mut().flat_map(|residue| &mut residue.atoms) {
        let [x, y, z] = atom.position;
        atom.position = [z + 40.0, x - 3.0, y + 7.0];
    }
    let frame = |normal| MembraneFrame { center: [40.0, 5.0, 5.0], normal, half_thickness: HALF_THICKNESS };
    assert_eq!(labels(&moved, frame([2.0, 0.0, 0.0])), expected);
    assert_eq!(labels(&moved, frame([-1.0, 0.0, 0.0])), expected);
    assert_ne!(labels(&moved, frame([0.0, 0.0, 1.0])), expected);
    // Masked residues have no place.
    moved.residues[60].atoms.retain(|atom| atom.name != "N");
    let proposal = LabelProposal::new(&moved, &frame([1.0, 0.0, 0.0]));
    assert_eq!((proposal.placements[60], proposal.placements.iter().flatten().count()), (None, expected.len() - 1));
}

#[test]
fn dummy_atoms_say_how_thick_the_membrane_is() {
    let dummies = |heights: &[f32]| {
        let mut structure = bundle();
        for &height in heights {
            let mut atom = structure.residues[0].atoms[0].clone();
            atom.position = [10.0, 20.0, height];
            let residue = structure.residues[0].id.clone();
            structure.ligand_atoms.push(LigandAtom {
                residue,
                residue_name: "DUM".to_owned(),
                presented: Presented::default(),
                atom,
            });
        }
        MembraneFrame::half_thickness_of(&structure)
    };
    assert_eq!(dummies(&[13.4, -13.4, 13.4]), Some(13.4));
    assert_eq!(dummies(&[]), None);
    assert_eq!(dummies(&[13.4, 13.4]), None, "one plane alone");
    assert_eq!(dummies(&[20.0, -6.8]), None, "moved out of its frame");
    assert_eq!(dummies(&[13.4, 2.0, -13.4]), None, "turned out of its frame");
}
