//! In which format a structure is written: found out before anything is made of it.

use fastmpnn::structure::Structure;
use fastmpnn::write::{StructureFormat, choose_format};

use crate::printer::Printer;

/// The format of a structure of at most `atoms` atoms, with a note where it is not plain PDB.
pub(super) fn chosen_format(
    asked: Option<StructureFormat>,
    (structure, atoms): (&Structure, usize),
    (file, printer): (&str, &Printer),
) -> StructureFormat {
    let (format, why) = choose_format(asked, structure, atoms);
    if let Some(why) = why {
        printer.warn(file, why);
    }
    format
}
