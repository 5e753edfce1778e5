//! Each operation against its plain loops, on every instruction set the processor has.

mod every_isa;
mod interpolate;
mod nearest;
mod numbers;
mod outer_products;
mod quantized;
mod radial;
mod rounding;
mod split;
