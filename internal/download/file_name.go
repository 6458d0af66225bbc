package download

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName is how long a name may be in bytes. It leaves room for the suffixes of the part
// file in the 255 that file systems allow.
const MaxName = 200

// SafeName makes a name that is safe to create in a directory on any system out of a
// link's last segment: "" where nothing is left of it.
func SafeName(segment string) string {
	if plain, err := url.PathUnescape(segment); err == nil {
		segment = plain
	}
	return sanitizeName(segment)
}

// sanitizeName does that with a name. It leaves alone what it has made.
func sanitizeName(name string) string {
	name = strings.Map(sanitizeRune, name) // bytes that are no UTF-8 count as U+FFFD
	name = strings.Trim(name, " ")
	name = strings.TrimRight(name, ". ")
	if rest, hidden := strings.CutPrefix(name, "."); hidden {
		name = "_" + rest
	}
	name = truncateName(name, MaxName)
	if strings.Trim(name, "_") == "" {
		return ""
	}
	prefix, suffix := "", ""
	lower := strings.ToLower(name)
	if reservedOnWindows(lower) {
		prefix = "_"
	}
	if strings.HasSuffix(lower, ".part") || strings.HasSuffix(lower, ".part.json") {
		suffix = "_" // another file's part must not have this name
	}
	return prefix + truncateName(name, MaxName-len(prefix)-len(suffix)) + suffix
}

// sanitizeRune replaces what separates paths, what Windows forbids, and what cannot be seen.
func sanitizeRune(r rune) rune {
	if strings.ContainsRune(`/\:*?"<>|`, r) || r == utf8.RuneError || r != ' ' && !unicode.IsGraphic(r) || unicode.Is(unicode.Zs, r) && r != ' ' {
		return '_'
	}
	return r
}

// truncateName keeps the beginning and the extension of a name that is over the limit, and
// leaves room for what SafeName may add.
func truncateName(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	limit = MaxName - 2
	tail := name[len(name)-16:]
	if dot := strings.IndexByte(tail, '.'); dot >= 0 {
		tail = tail[dot:]
	} else {
		tail = ""
	}
	head := name[:limit-len(tail)]
	for !utf8.ValidString(head) {
		head = head[:len(head)-1]
	}
	return strings.TrimRight(head, ". ") + tail
}

// reservedOnWindows reports names that stand for devices there, with any extension.
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
	return ok && size == len(port) && (r >= '0' && r <= '9' || r == '¹' || r == '²' || r == '³')
}
