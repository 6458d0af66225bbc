package restorejobs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/download"
)

func TestAssignFileNames_links(t *testing.T) {
	t.Parallel()
	link := func(replicaSet, name string) DownloadLink {
		return DownloadLink{ReplicaSet: replicaSet, FileName: name}
	}
	for _, c := range []struct {
		name  string
		links []DownloadLink
		want  []string
	}{
		{"different", []DownloadLink{link("a", "1.tar"), link("b", "2.tar")}, []string{"1.tar", "2.tar"}},
		{"the same", []DownloadLink{link("a", "1.tar"), link("b", "1.tar")}, []string{"a-1.tar", "b-1.tar"}},
		{"but for letter case", []DownloadLink{link("a", "X.tar"), link("b", "x.TAR")}, []string{"a-X.tar", "b-x.TAR"}},
		{"without replica sets", []DownloadLink{link("", "1.tar"), link("", "1.tar"), link("", "1.tar")}, []string{"1.tar", "2-1.tar", "3-1.tar"}},
		{"one replica set", []DownloadLink{link("a", "1.tar"), link("a", "1.tar")}, []string{"a-1.tar", "2-1.tar"}},
		{"made to collide", []DownloadLink{link("a", "1.tar"), link("b", "1.tar"), link("c", "b-1.tar")}, []string{"a-1.tar", "b-1.tar", "2-b-1.tar"}},
		{"hostile replica sets", []DownloadLink{link("../a", "1.tar"), link("..\\a", "1.tar")}, []string{"_._a-1.tar", "2-1.tar"}},
		{"no name", []DownloadLink{link("a", ""), link("b", "..")}, []string{"a-restore-J", "b-restore-J"}},
		{"long", []DownloadLink{link("a", strings.Repeat("x", 250)), link("a", strings.Repeat("x", 250))}, []string{
			"a-" + strings.Repeat("x", 198), "2-" + strings.Repeat("x", 198), // the 200 bytes there are
		}},
	} {
		var got []string
		for _, file := range assignFileNames("J", c.links, nil) {
			got = append(got, file.name)
		}
		assert.Equal(t, c.want, got, c.name)
	}
}

// TestAssignFileNames_keepsExistingNames are kept, whatever the links would be called now.
func TestAssignFileNames_keepsExistingNames(t *testing.T) {
	t.Parallel()
	key := func(i download.Identity) string { return i.Key() }
	known := download.ExistingFiles{
		key(download.Identity{ReplicaSet: "a", FileName: "1.tar"}):                                              {Name: "a-1.tar"},
		key(download.Identity{FileName: "2.tar", Link: download.LinkFingerprint("https://files.test/2/2.tar")}): {Name: "x.tar"},
		key(download.Identity{FileName: "3.tar"}):                                                               {Name: "y.tar"},
	}
	var names []string
	for _, file := range assignFileNames("J", []DownloadLink{
		{ReplicaSet: "a", FileName: "private.tar"},
		{FileName: "2.tar", URL: "https://files.test/1/2.tar"},
		{FileName: "2.tar", URL: "https://files.test/2/2.tar?signed=anew"},
		{FileName: "3.tar"},
		{ReplicaSet: "b", FileName: "A-1.tar"},
	}, known) {
		names = append(names, file.name)
	}
	assert.Equal(t, []string{"a-1.tar", "2.tar", "x.tar", "y.tar", "2-A-1.tar"}, names)
}
