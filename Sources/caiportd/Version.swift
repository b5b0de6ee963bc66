/// The version of this program, as `caiportd --version` prints it.
enum Version {
    static let text = "0.1.0"
}
