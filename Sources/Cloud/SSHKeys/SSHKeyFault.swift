/// Why a pasted SSH key is refused; each with a sentence that says how to get it right.
enum SSHKeyFault: Error, CaseIterable {
    case empty
    case tooLong
    case privateKey
    case otherFormat
    case severalLines
    case options
    case certificate
    case dsa
    case unknownAlgorithm
    case keyMissing
    case badBase64
    case damaged
    case otherAlgorithmInside
    case rsaLength
    case rsaNumbers
    case notOnCurve

    var sentence: String {
        switch self {
        case .empty:
            "Paste an SSH public key: the one line of a file such as ~/.ssh/id_ed25519.pub"
        case .tooLong:
            "An SSH public key has at most 8192 characters"
        case .privateKey:
            """
            This is a private key, which nobody but you should see: paste the public key, the one line of the \
            file ending in .pub, and consider this private key exposed
            """
        case .otherFormat:
            """
            This is not OpenSSH's format of a public key: convert the file with "ssh-keygen -i -f FILE" \
            (add "-m PKCS8" if it begins with -----BEGIN PUBLIC KEY-----) and paste the line it prints
            """
        case .severalLines:
            "An SSH public key is one line: paste one key at a time, without line breaks"
        case .options:
            "Options in front of a key are not allowed: begin with its type, such as ssh-ed25519"
        case .certificate:
            "This is an SSH certificate: paste the public key it was made for, without -cert in the file's name"
        case .dsa:
            "DSA keys are too weak and OpenSSH no longer takes them: make a new key with \"ssh-keygen -t ed25519\""
        case .unknownAlgorithm:
            "An SSH public key begins with its type, one of \(Self.types)"
        case .keyMissing:
            "The key itself is missing after its type: paste the whole line of the .pub file"
        case .badBase64:
            "The key's second part is not valid base64: paste the whole line of the .pub file, unchanged"
        case .damaged:
            "The key is incomplete or damaged: paste the whole line of the .pub file, unchanged"
        case .otherAlgorithmInside:
            "The type in front is not that of the key: paste the whole line of the .pub file, unchanged"
        case .rsaLength:
            "RSA keys of 2048 to 16384 bits are allowed: make a new key with \"ssh-keygen -t ed25519\""
        case .rsaNumbers:
            "The RSA key's numbers make no key: its modulus must be odd, its exponent odd, 3 or more and below 2^64"
        case .notOnCurve:
            "The ECDSA key is no point of its curve: paste the whole line of the .pub file, unchanged"
        }
    }

    private static let types = SSHPublicKey.Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
}
