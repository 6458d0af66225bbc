package restorejobs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/download"
)

// assignedNames returns the names of the files of some plans.
func assignedNames(plans ...*downloadPlan) []string {
	var names []string
	tasks, err := assignFiles(plans, DownloadOptions{})
	if err != nil {
		return []string{err.Error()}
	}
	for _, task := range tasks {
		names = append(names, task.name)
	}
	return names
}

func TestAssignFiles_links(t *testing.T) {
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
		got := assignedNames(&downloadPlan{job: &Job{ID: "J"}, links: c.links})
		assert.Equal(t, c.want, got, c.name)
	}
}

func TestAssignFiles_keepsExistingNames(t *testing.T) {
	t.Parallel()
	key := func(i download.Identity) string { return i.Key() }
	known := download.ExistingFiles{
		key(download.Identity{ReplicaSet: "a", FileName: "1.tar"}):                                              {Name: "a-1.tar"},
		key(download.Identity{FileName: "2.tar", Link: download.LinkFingerprint("https://files.test/2/2.tar")}): {Name: "x.tar"},
		key(download.Identity{FileName: "3.tar"}):                                                               {Name: "y.tar"},
	}
	names := assignedNames(&downloadPlan{job: &Job{ID: "J"}, existing: known, links: []DownloadLink{
		{ReplicaSet: "a", FileName: "private.tar"},
		{FileName: "2.tar", URL: "https://files.test/1/2.tar"},
		{FileName: "2.tar", URL: "https://files.test/2/2.tar?signed=anew"},
		{FileName: "3.tar"},
		{ReplicaSet: "b", FileName: "A-1.tar"},
	}})
	assert.Equal(t, []string{"a-1.tar", "2.tar", "x.tar", "y.tar", "2-A-1.tar"}, names)
}

// TestAssignFiles_severalJobs: names are unique across the jobs of a call, and a file of an
// earlier call keeps its name, whichever job is first.
func TestAssignFiles_severalJobs(t *testing.T) {
	t.Parallel()
	plan := func(id string, existing download.ExistingFiles, links ...DownloadLink) *downloadPlan {
		return &downloadPlan{job: &Job{ID: id}, existing: existing, links: links}
	}
	shard := func(replicaSet string) DownloadLink { return DownloadLink{ReplicaSet: replicaSet, FileName: "a.tar"} }
	plain := DownloadLink{FileName: "a.tar"}
	named := func(key, name string) download.ExistingFiles {
		return download.ExistingFiles{key: {Name: name}}
	}
	for _, c := range []struct {
		name  string
		plans []*downloadPlan
		want  []string
	}{
		{"shards of one name", []*downloadPlan{plan("J", nil, shard("s0")), plan("K", nil, shard("s1"))}, []string{"s0-a.tar", "s1-a.tar"}},
		{"the same shard of two jobs", []*downloadPlan{plan("J", nil, shard("s0")), plan("K", nil, shard("s0"))}, []string{"s0-a.tar", "2-a.tar"}},
		{"without replica sets", []*downloadPlan{plan("J", nil, plain), plan("K", nil, plain)}, []string{"a.tar", "2-a.tar"}},
		{"without names", []*downloadPlan{plan("J", nil, DownloadLink{}), plan("K", nil, DownloadLink{})}, []string{"restore-J", "restore-K"}},
		{
			"the second is known",
			[]*downloadPlan{plan("J", nil, plain), plan("K", named("file a.tar", "a.tar"), plain)},
			[]string{"2-a.tar", "a.tar"},
		},
		{
			"the same file of two jobs is known once",
			[]*downloadPlan{plan("J", named("replica set s0", "a.tar"), shard("s0")), plan("K", nil, shard("s0"))},
			[]string{"a.tar", "s0-a.tar"},
		},
	} {
		assert.Equal(t, c.want, assignedNames(c.plans...), c.name)
	}
}
