//! A structure as a PDB file, version 3.3. Names that do not fit their columns are replaced, and REMARK 6 lists the
//! replacements.

use std::io::{self, Write};

use super::pdb_columns::{
    charge_columns, coordinate_columns, insertion_column, name_columns, number_column, plain, serial_column,
};
use super::pdb_names::PdbNames;
use super::written::{Group, WrittenStructure};

/// Writes a structure: its polymers, each with a TER, then everything else. Fails if the structure does not fit the
/// format.
pub(super) fn write(out: &mut impl Write, written: &WrittenStructure<'_>) -> io::Result<()> {
    let names = PdbNames::choose(written)?;
    let renamed = written.renamed.iter().map(|renamed| {
        let (id, from) = (renamed.id, plain(renamed.from));
        format!("RESIDUE {from} {id} IS WRITTEN AS {}", renamed.to)
    });
    for remark in names.remarks().into_iter().chain(renamed) {
        line(out, format!("REMARK   6 {remark}"))?;
    }
    let mut serial = 0;
    for polymer in &written.polymers {
        for group in &polymer.groups {
            write_group(out, &mut serial, group, &names)?;
        }
        if let Some(last) = polymer.groups.last() {
            serial += 1;
            let (serial, number) = (serial_column(serial)?, number_column(last.id)?);
            let (name, column) = (names.residue(last.name), names.chain(&last.id.chain));
            line(out, format!("TER   {serial}      {name:>3} {column}{number}{}", insertion_column(last.id)?))?;
        }
    }
    for group in &written.others {
        write_group(out, &mut serial, group, &names)?;
    }
    line(out, "END".to_owned())
}

fn line(out: &mut impl Write, text: String) -> io::Result<()> {
    writeln!(out, "{text:<80}")
}

fn write_group(out: &mut impl Write, serial: &mut u32, group: &Group<'_>, names: &PdbNames<'_>) -> io::Result<()> {
    let record = if group.hetatm { "HETATM" } else { "ATOM  " };
    let (residue_name, column) = (names.residue(group.name), names.chain(&group.id.chain));
    let (number, insertion) = (number_column(group.id)?, insertion_column(group.id)?);
    for atom in &group.atoms {
        *serial += 1;
        let (serial, name) = (serial_column(*serial)?, name_columns(atom));
        let [x, y, z] = atom.position;
        let (x, y, z) = (coordinate_columns(x)?, coordinate_columns(y)?, coordinate_columns(z)?);
        let (occupancy, b_factor) = (atom.occupancy.clamp(0.0, 999.0), atom.b_factor.clamp(-99.0, 999.0));
        let element = if atom.element == "X" { "" } else { &atom.element };
        let charge = charge_columns(atom.charge);
        writeln!(
            out,
            "{record}{serial} {name} {residue_name:>3} {column}{number}{insertion}   {x}{y}{z}{occupancy:6.2}{b_factor:6.2}\
             {element:>12}{charge:2}"
        )?;
    }
    Ok(())
}
