//! Sixteen-bit numbers as f32; every conversion is exact.

/// IEEE binary16.
pub(super) fn f16_to_f32(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let (exponent, fraction) = (u32::from(bits >> 10) & 0x1f, u32::from(bits) & 0x3ff);
    match (exponent, fraction) {
        // Zero and the subnormal numbers: the fraction counts 2⁻²⁴.
        (0, fraction) => f32::from_bits(sign | (fraction as f32 * 2.0_f32.powi(-24)).to_bits()),
        (0x1f, fraction) => f32::from_bits(sign | 0x7f80_0000 | (fraction << 13)),
        (exponent, fraction) => f32::from_bits(sign | ((exponent + 112) << 23) | (fraction << 13)),
    }
}

/// bfloat16: the upper half of an f32.
pub(super) fn bf16_to_f32(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_by_their_definition() {
        for bits in 0..=u16::MAX {
            let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
            let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
            let found = f16_to_f32(bits);
            match exponent {
                0x1f if fraction != 0.0 => assert!(found.is_nan(), "{bits:04x}"),
                0x1f => assert_eq!(f64::from(found), sign * f64::INFINITY, "{bits:04x}"),
                0 => assert_eq!(f64::from(found), sign * fraction * 2.0_f64.powi(-24), "{bits:04x}"),
                _ => {
                    let expected = sign * (1.0 + fraction / 1024.0) * 2.0_f64.powi(exponent - 15);
                    assert_eq!(f64::from(found), expected, "{bits:04x}");
                }
            }
        }
        assert!(f16_to_f32(0x8000).is_sign_negative());
    }

    #[test]
    fn upper_halves() {
        assert_eq!(bf16_to_f32(0x3f80), 1.0);
        assert_eq!(bf16_to_f32(0xc049), -3.140625);
    }
}
