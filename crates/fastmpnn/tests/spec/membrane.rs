//! Membrane labels.

use fastmpnn::spec::{DesignSpec, MembraneClass, MembraneLabel};

use crate::wishes::{dimer, refusal, resolve, strings};

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
        plan.surroundings.membrane[index]
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
        assert_eq!(plan.surroundings.membrane, vec![class; structure.residues.len()]);
    }
    assert!(resolve(&DesignSpec::default(), &structure).surroundings.membrane.is_empty());
    assert!("transmembrane".parse::<MembraneLabel>().is_ok());
    let error = "in".parse::<MembraneLabel>().expect_err("no label").to_string();
    assert_eq!(error, "--membrane-global `in`: is no label of a protein; the labels are soluble and transmembrane");
}

#[test]
fn contradictions_are_refused() {
    let structure = dimer();
    let buried = DesignSpec { membrane_buried: strings(&["A1-5"]), ..DesignSpec::default() };
    let both = DesignSpec { membrane_interface: strings(&["A4-8"]), ..buried.clone() };
    let message = "A4-5 is in both --membrane-buried and --membrane-interface; a residue has one label";
    assert_eq!(refusal(&both, &structure), message);
    let global = DesignSpec { membrane_global: Some(MembraneLabel::Soluble), ..buried };
    assert!(refusal(&global, &structure).contains("give one"));
    let unknown = DesignSpec { membrane_interface: strings(&["Z"]), ..DesignSpec::default() };
    assert!(refusal(&unknown, &structure).starts_with("--membrane-interface `Z`: no chain Z"));
}
