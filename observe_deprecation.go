package restorejobs

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// maxDeprecatedEndpoints limits the memory of a client that calls many endpoints.
const maxDeprecatedEndpoints = 256

// deprecationLog writes one warning for each endpoint whose responses announce its end.
type deprecationLog struct {
	logger *slog.Logger

	mu     sync.Mutex
	warned map[string]bool // by method and path template
}

// observe writes the warning of the first response with a date.
func (d *deprecationLog) observe(ctx context.Context, a Attempt) {
	if a.Deprecation.IsZero() && a.Sunset.IsZero() {
		return
	}
	path := pathTemplate(a.Path)
	if !d.isFirst(a.Method + " " + path) {
		return
	}
	attrs := []slog.Attr{
		slog.String("variant", string(a.Variant)),
		slog.String("method", a.Method),
		slog.String("path", path),
	}
	if !a.Deprecation.IsZero() {
		attrs = append(attrs, slog.Time("deprecation", a.Deprecation))
	}
	if !a.Sunset.IsZero() {
		attrs = append(attrs, slog.Time("sunset", a.Sunset))
	}
	d.logger.LogAttrs(ctx, slog.LevelWarn, "restore jobs API: deprecated endpoint", attrs...)
}

func (d *deprecationLog) isFirst(endpoint string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.warned[endpoint] || len(d.warned) >= maxDeprecatedEndpoints {
		return false
	}
	if d.warned == nil {
		d.warned = map[string]bool{}
	}
	d.warned[endpoint] = true
	return true
}

var (
	// idParents are the segments of a path before an id or a name.
	idParents = []string{
		"backupConfigs", "byName", "clusters", "collections", "databases", "flexClusters", "groups",
		"hosts", "orgs", "restoreJobs", "serverless", "shardedCluster", "snapshots",
	}
	// fixedChildren follow such a segment, and are neither ids nor names.
	fixedChildren = []string{"byName", "onDemandSnapshot", "restorableTimeRanges", "shardedCluster", "shardedClusters"}
)

// fixedSegments is the number of segments of a path before the first id, as in /api/atlas/v2.
const fixedSegments = 4

// pathTemplate returns a path with {id} for each id and name.
func pathTemplate(path string) string {
	segments := strings.Split(path, "/")
	template := slices.Clone(segments)
	for i := fixedSegments; i < len(segments); i++ {
		followsParent := slices.Contains(idParents, segments[i-1]) && !slices.Contains(fixedChildren, segments[i])
		hasDigit := strings.ContainsAny(segments[i], "0123456789")
		if followsParent || hasDigit {
			template[i] = "{id}"
		}
	}
	return strings.Join(template, "/")
}
