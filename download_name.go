package restorejobs

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFileName leaves room for the suffixes of the part file in the 255 bytes that file
// systems allow.
const maxFileName = 200

// nameFiles gives every file a name of its own: that of an earlier call, else its link's,
// and where several share one, also without regard to letter case, the replica set's
// before it.
func nameFiles(jobID string, links []Download, known knownFiles) []*wanted {
	plain := make([]string, len(links))
	uses := map[string]int{}
	for i := range links {
		plain[i] = fileName(links[i].FileName)
		if plain[i] == "" {
			plain[i] = fileName("restore-" + jobID)
		}
		uses[strings.ToLower(plain[i])]++
	}
	taken := map[string]bool{}
	for _, file := range known {
		taken[strings.ToLower(file.name)] = true
	}
	files := make([]*wanted, len(links))
	for i := range links {
		if file := known[fileKey(links[i].ReplicaSet, links[i].FileName)]; file != nil {
			files[i] = &wanted{link: links[i], name: file.name, known: file}
			continue
		}
		name := plain[i]
		if uses[strings.ToLower(name)] > 1 && links[i].ReplicaSet != "" {
			name = fileName(links[i].ReplicaSet + "-" + name)
		}
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fileName(strconv.Itoa(n) + "-" + plain[i])
		}
		taken[strings.ToLower(name)] = true
		files[i] = &wanted{link: links[i], name: name}
	}
	return files
}

// fileName makes a name that is safe to create in a directory on any system out of a
// link's last segment: "" where nothing is left of it.
func fileName(segment string) string {
	name := segment
	if plain, err := url.PathUnescape(segment); err == nil {
		name = plain
	}
	name = strings.Map(safeRune, name) // bytes that are no UTF-8 count as U+FFFD
	name = strings.Trim(name, " ")
	name = strings.TrimRight(name, ". ")
	if rest, hidden := strings.CutPrefix(name, "."); hidden {
		name = "_" + rest
	}
	if strings.Trim(name, "_") == "" {
		return ""
	}
	name = shorten(name)
	lower := strings.ToLower(name)
	if reservedOnWindows(lower) {
		name = "_" + name
	}
	if strings.HasSuffix(lower, ".part") || strings.HasSuffix(lower, ".part.json") {
		name += "_" // another file's part must not have this name
	}
	return name
}

// safeRune replaces what separates paths, what Windows forbids, and what cannot be seen.
func safeRune(r rune) rune {
	if strings.ContainsRune(`/\:*?"<>|`, r) || r == utf8.RuneError || r != ' ' && !unicode.IsGraphic(r) || unicode.Is(unicode.Zs, r) && r != ' ' {
		return '_'
	}
	return r
}

// shorten keeps the beginning and the extension of a name that is too long.
func shorten(name string) string {
	const limit = maxFileName - 2 // what fileName may still add
	if len(name) <= limit {
		return name
	}
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
