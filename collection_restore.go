package restorejobs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// CollectionRestore describes a restore of some collections, for [CollectionJobs.Create].
//
// API: Atlas v2 "createCollectionRestoreJob".
type CollectionRestore struct {
	// Point is the state of the data: [FromSnapshot], [FromPointInTime] in whole seconds, or
	// [FromOplog].
	Point RestorePoint
	// Target is the cluster to restore into, from [ToCluster]. It can be the source. Its other
	// data are kept.
	Target Destination
	// Databases are restored with all of their collections. At most 100. Source and Target of
	// an entry are names of databases.
	Databases []RestoreNamespace
	// Collections are restored individually. At most 100. Source and Target of an entry have the
	// form "database.collection". Databases and Collections must not both be empty.
	Collections []RestoreNamespace
	// DatabaseSuffix is appended to the names of restored databases. Default none.
	DatabaseSuffix string
	// CollectionSuffix is appended to the names of restored collections. Default none.
	CollectionSuffix string
	// WriteStrategy decides about collections that exist in the target. Default
	// [WriteStrategyCreateNew].
	WriteStrategy WriteStrategy
	// IndexStrategy decides which indexes are restored. Default [IndexStrategyAll].
	IndexStrategy IndexStrategy
}

// RestoreNamespace is a database or a collection of a collection restore.
//
// API: Atlas v2 "createCollectionRestoreJob", collections and databases.
type RestoreNamespace struct {
	// Source is the name in the snapshot.
	Source string `json:"sourceNamespace,omitzero"`
	// Target is the name in the target. Default Source.
	Target string `json:"targetNamespace,omitzero"`
}

// target returns the name in the target, without a suffix.
func (r *RestoreNamespace) target() string { return cmp.Or(r.Target, r.Source) }

// WriteStrategy is the writeStrategy of a collection restore. A job keeps values that are not
// listed here as received; a create refuses them.
//
// API: Atlas v2 "createCollectionRestoreJob", writeStrategy.
type WriteStrategy string

// The write strategies.
const (
	// WriteStrategyCreateNew never changes existing collections. A restored collection whose name
	// is in use gets another name: see [RestoredCollection].EffectiveTargetNamespace.
	WriteStrategyCreateNew WriteStrategy = "CREATE_NEW"
	// WriteStrategyOverwriteExisting drops and replaces existing collections. Concurrent writes
	// to them are lost.
	WriteStrategyOverwriteExisting WriteStrategy = "OVERWRITE_EXISTING"
)

// IndexStrategy is the indexStrategy of a collection restore. A job keeps values that are not
// listed here as received; a create refuses them.
//
// API: Atlas v2 "createCollectionRestoreJob", indexStrategy.
type IndexStrategy string

// The index strategies.
const (
	// IndexStrategyAll restores all indexes except search indexes.
	IndexStrategyAll IndexStrategy = "ALL"
	// IndexStrategyNone restores no index.
	IndexStrategyNone IndexStrategy = "NONE"
	// IndexStrategyAllExceptTTL restores all indexes except those that delete documents by age.
	IndexStrategyAllExceptTTL IndexStrategy = "ALL_EXCEPT_TTL"
)

// maxRestoreNamespaces is the most databases, and the most collections, of one restore.
const maxRestoreNamespaces = 100

// collectionRequest is the body of a create.
type collectionRequest struct {
	SnapshotID            string             `json:"snapshotId,omitzero"`
	OplogTS               int32              `json:"oplogTs,omitzero"`
	OplogInc              int64              `json:"oplogInc,omitzero"`
	PointInTimeUTCSeconds int32              `json:"pointInTimeUtcSeconds,omitzero"`
	TargetGroupID         string             `json:"targetGroupId"`
	TargetClusterName     string             `json:"targetClusterName"`
	WriteStrategy         WriteStrategy      `json:"writeStrategy"`
	IndexStrategy         IndexStrategy      `json:"indexStrategy"`
	Databases             []RestoreNamespace `json:"databases,omitempty"`
	Collections           []RestoreNamespace `json:"collections,omitempty"`
	DatabaseSuffix        string             `json:"databaseSuffix,omitzero"`
	CollectionSuffix      string             `json:"collectionSuffix,omitzero"`
}

// encode returns the body of a create, or an error with all problems.
func (c *CollectionRestore) encode(operation string) ([]byte, error) {
	body, problems := c.build()
	if len(problems) > 0 {
		return nil, invalidArgument(operation, problems...)
	}
	return json.Marshal(body)
}

// build checks all arguments and returns the body.
func (c *CollectionRestore) build() (*collectionRequest, []string) {
	req := &createRequest{
		point: c.Point,
		now:   time.Now(),
	}
	body := &collectionRequest{
		TargetGroupID:     c.Target.project,
		TargetClusterName: c.Target.cluster,
		WriteStrategy:     cmp.Or(c.WriteStrategy, WriteStrategyCreateNew),
		IndexStrategy:     cmp.Or(c.IndexStrategy, IndexStrategyAll),
		Databases:         c.Databases,
		Collections:       c.Collections,
		DatabaseSuffix:    c.DatabaseSuffix,
		CollectionSuffix:  c.CollectionSuffix,
	}
	body.setPoint(req)
	c.checkTarget(req)
	c.checkSelection(req)
	checkStrategy(req, "WriteStrategy", body.WriteStrategy, WriteStrategyCreateNew, WriteStrategyOverwriteExisting)
	checkStrategy(req, "IndexStrategy", body.IndexStrategy, IndexStrategyAll, IndexStrategyNone, IndexStrategyAllExceptTTL)
	return body, req.problems
}

func (c *collectionRequest) setPoint(req *createRequest) {
	switch req.point.kind {
	case noPoint, checkpointPoint:
		req.addProblem("Point: make one with FromSnapshot, FromPointInTime or FromOplog")
		return
	case snapshotPoint:
		c.SnapshotID = req.point.id
	case timePoint:
		c.PointInTimeUTCSeconds = req.atlasEpochSeconds("time", req.point.time)
	case oplogPoint:
		c.OplogTS = req.atlasEpochSeconds("oplog date", req.point.oplog.Date.Truncate(time.Second))
		c.OplogInc = req.point.oplog.Increment
		req.checkAtlasIncrement()
	}
	req.checkPoint()
}

func (c *CollectionRestore) checkTarget(req *createRequest) {
	if c.Target.kind != clusterDestination {
		req.addProblem("Target: make one with ToCluster")
		return
	}
	if c.Target.project == "" {
		req.addProblem("Target: projectID must not be empty")
	}
	if c.Target.cluster == "" {
		req.addProblem("Target: cluster must not be empty")
	}
}

func (c *CollectionRestore) checkSelection(req *createRequest) {
	if len(c.Databases)+len(c.Collections) == 0 {
		req.addProblem("Databases and Collections must not both be empty")
	}
	databases := namespaceList{
		name:     "Databases",
		entries:  c.Databases,
		suffix:   c.DatabaseSuffix,
		maxBytes: maxDatabaseBytes,
		validate: validateDatabase,
	}
	collections := namespaceList{
		name:     "Collections",
		entries:  c.Collections,
		suffix:   c.CollectionSuffix,
		maxBytes: maxNamespaceBytes,
		validate: validateNamespace,
	}
	for _, problem := range []string{
		validateDatabaseText("DatabaseSuffix", c.DatabaseSuffix),
		validateCollectionText("CollectionSuffix", c.CollectionSuffix),
	} {
		if problem != "" {
			req.addProblem("%s", problem)
		}
	}
	databases.check(req)
	collections.check(req)
}

// namespaceList is one of the two lists of a collection restore, and the rules of its names.
type namespaceList struct {
	name     string
	entries  []RestoreNamespace
	suffix   string
	maxBytes int // of a name with the suffix
	validate func(argument, name string) string
}

func (n *namespaceList) check(req *createRequest) {
	if len(n.entries) > maxRestoreNamespaces {
		req.addProblem("%s must have at most %d entries", n.name, maxRestoreNamespaces)
	}
	indexes := map[string]int{} // of the entry with a target
	for i, entry := range n.entries {
		argument := fmt.Sprintf("%s[%d]", n.name, i)
		if !n.checkNames(req, argument, entry) {
			continue
		}
		if len(entry.target())+len(n.suffix) > n.maxBytes {
			req.addProblem("%s must be at most %d bytes with its suffix", argument, n.maxBytes)
		}
		if first, isUsed := indexes[entry.target()]; isUsed {
			req.addProblem("%s must not have the same target as %s[%d]", argument, n.name, first)
			continue
		}
		indexes[entry.target()] = i
	}
}

// checkNames reports whether the names of an entry are valid.
func (n *namespaceList) checkNames(req *createRequest, argument string, entry RestoreNamespace) bool {
	problems := []string{n.validate(argument+".Source", entry.Source)}
	if entry.Target != "" {
		problems = append(problems, n.validate(argument+".Target", entry.Target))
	}
	isValid := true
	for _, problem := range problems {
		if problem != "" {
			isValid = false
			req.addProblem("%s", problem)
		}
	}
	return isValid
}

// checkStrategy refuses a value that this version does not know: it can mean a loss of data.
func checkStrategy[T ~string](req *createRequest, argument string, value T, known ...T) {
	if slices.Contains(known, value) {
		return
	}
	names := make([]string, len(known))
	for i, option := range known {
		names[i] = string(option)
	}
	req.addProblem("%s must be one of %s", argument, strings.Join(names, ", "))
}
