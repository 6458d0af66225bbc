package download

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName limits a name, in bytes. With the suffixes of its part file and its sidecar it fits in
// the 255 bytes that file systems permit.
const MaxName = 200

// SafeName turns the last segment of a link into a name that is safe to create on any system,
// empty if nothing of it remains.
func SafeName(segment string) string {
	if plain, err := url.PathUnescape(segment); err == nil {
		segment = plain
	}
	return sanitizeName(segment)
}

// sanitizeName makes an unescaped name safe. It changes no name that it has made.
func sanitizeName(name string) string {
	name = strings.Map(sanitizeRune, name) // invalid UTF-8 counts as U+FFFD
	name = strings.Trim(name, " ")
	name = strings.TrimRight(name, ". ")
	if rest, hidden := strings.CutPrefix(name, "."); hidden {
		name = "_" + rest
	}
	name = truncateName(name, MaxName)
	if strings.Trim(name, "_") == "" {
		return ""
	}
	prefix := ""
	suffix := ""
	lower := strings.ToLower(name)
	if reservedOnWindows(lower) {
		prefix = "_"
	}
	if strings.HasSuffix(lower, ".part") || strings.HasSuffix(lower, ".part.json") {
		suffix = "_" // the name would be that of another file's part
	}
	return prefix + truncateName(name, MaxName-len(prefix)-len(suffix)) + suffix
}

// sanitizeRune replaces path separators, characters that Windows forbids, and invisible ones.
func sanitizeRune(r rune) rune {
	if r == ' ' {
		return r
	}
	isForbidden := strings.ContainsRune(`/\:*?"<>|`, r) || r == utf8.RuneError
	isInvisible := !unicode.IsGraphic(r) || unicode.Is(unicode.Zs, r)
	if isForbidden || isInvisible {
		return '_'
	}
	return r
}

// truncateName shortens a name of more than limit bytes to MaxName-2, so that sanitizeName can add
// to it. It keeps the beginning and the extension.
func truncateName(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	const shortened = MaxName - 2
	tail := name[len(name)-16:]
	if dot := strings.IndexByte(tail, '.'); dot >= 0 {
		tail = tail[dot:]
	} else {
		tail = ""
	}
	head := name[:shortened-len(tail)]
	for !utf8.ValidString(head) {
		head = head[:len(head)-1]
	}
	return strings.TrimRight(head, ". ") + tail
}

// reservedOnWindows reports the names of devices, with any extension.
func reservedOnWindows(lower string) bool {
	base, _, _ := strings.Cut(lower, ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "con", "prn", "aux", "nul", "conin$", "conout$":
		return true
	}
	port, ok := strings.CutPrefix(base, "com")
	if !ok {
		port, ok = strings.CutPrefix(base, "lpt")
	}
	r, size := utf8.DecodeRuneInString(port)
	isPortNumber := strings.ContainsRune("0123456789¹²³", r)
	return ok && size == len(port) && isPortNumber
}

// NameProblem returns the rule that a name breaks, "" for a name that every system accepts.
func NameProblem(name string) string {
	if name != "" && sanitizeName(name) == name {
		return ""
	}
	switch lower := strings.ToLower(name); {
	case strings.ContainsFunc(name, func(r rune) bool { return sanitizeRune(r) != r }):
		return "must not contain a path separator, a character that Windows forbids, or an invisible one"
	case len(name) > MaxName:
		return "must not be longer than " + strconv.Itoa(MaxName) + " bytes"
	case strings.HasSuffix(lower, ".part"), strings.HasSuffix(lower, ".part.json"):
		return "must not end as the name of a part file or its sidecar"
	case reservedOnWindows(lower):
		return "must not be the name of a device on Windows"
	default:
		return "must not be empty, begin with a dot or a space, or end with a dot or a space"
	}
}
