//! The formats of Python and its libraries for arguments, texts, arrays and random numbers, so that the scripts read
//! and write the same bytes.

pub(super) mod argparse;
pub(super) mod json;
pub(super) mod npz;
pub(super) mod numpy_text;
pub(super) mod text;
pub(super) mod torch_file;
pub(super) mod torch_random;
