//! The extension module `fastmpnn._fastmpnn`: the pipeline's requests for Python. The package `fastmpnn` stands on it and is
//! what users import; nothing here is documented for them.

mod checkpoint;
mod columns;
mod encoding;
mod errors;
mod hook;
mod model;
mod pool;
mod program;
mod results;
mod runner;
mod structure;
mod values;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _fastmpnn {
    #[pymodule_export]
    use crate::checkpoint::checkpoint_tensors;
    #[pymodule_export]
    use crate::encoding::Encoding;
    #[pymodule_export]
    use crate::hook::Level;
    #[pymodule_export]
    use crate::model::Model;
    #[pymodule_export]
    use crate::pool::forked;
    #[pymodule_export]
    use crate::program::{check_settings, default_settings, run_program, run_script, version};
    #[pymodule_export]
    use crate::structure::{Structure, expand_inputs, read, read_columns, read_file, read_manifest, structure_name};
}
