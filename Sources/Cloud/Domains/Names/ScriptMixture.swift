/// Labels that are made to be taken for others: `pаypal` with a Cyrillic а.
///
/// Latin, Greek, Cyrillic and Armenian share most of their shapes, and no language writes one word in two of them.
/// Other scripts mix for good reason: Japanese has four. Registries refuse the same at their end, each by its
/// table; ours keeps a customer from paying for the try.
enum ScriptMixture {
    private enum Script {
        case latin
        case greek
        case cyrillic
        case armenian
    }

    /// Whether one label of `name`, in U-labels, mixes two of the four.
    static func isIn(_ name: String) -> Bool {
        name.split(separator: ".").contains { label in
            Set(label.unicodeScalars.compactMap(script)).count > 1
        }
    }

    /// By the blocks of Unicode 15 (Scripts.txt has the same for every letter that IDNA 2008 allows in them).
    private static func script(_ scalar: Unicode.Scalar) -> Script? {
        guard scalar.properties.isAlphabetic else { return nil }
        switch scalar.value {
        case 0x61...0x7A, 0xC0...0x24F, 0x250...0x2AF, 0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA720...0xA7FF: return .latin
        case 0x370...0x3FF, 0x1F00...0x1FFF: return .greek
        case 0x400...0x52F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF, 0xA640...0xA69F: return .cyrillic
        case 0x530...0x58F: return .armenian
        default: return nil
        }
    }
}
