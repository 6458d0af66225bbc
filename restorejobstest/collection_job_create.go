package restorejobstest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxNamespaces limits the collections and the databases of one job.
const maxNamespaces = 100

// createCollectionJob starts a restore of collections.
func (s *Server) createCollectionJob(req *request) (*response, *apiError) {
	res := req.route.resource
	body, err := s.readBody(req)
	if err != nil {
		return nil, err
	}
	job, err := s.planCollectionJob(res, body)
	if err != nil {
		return nil, err
	}
	s.collectionJobs = append(s.collectionJobs, job)
	s.createCount++
	return s.jsonResponse(req, http.StatusCreated, s.collectionJobDocument(job)), nil
}

// planCollectionJob checks the body. A selection is required here; whether the service requires one is
// unknown.
func (s *Server) planCollectionJob(res *resource, body map[string]any) (*collectionJob, *apiError) {
	for _, nullable := range []string{"collectionSuffix", "databaseSuffix", "oplogTs", "oplogInc", "pointInTimeUtcSeconds"} {
		if value, ok := body[nullable]; ok && value == nil {
			delete(body, nullable)
		}
	}
	lists := selectFields(body, "collections", "databases")
	suffixes := selectFields(body, "collectionSuffix", "databaseSuffix")
	rest := maps.Clone(body)
	for _, field := range []string{"collections", "databases", "collectionSuffix", "databaseSuffix"} {
		delete(rest, field)
	}
	err := firstError(
		s.checkFields("", rest, collectionFields()),
		requireFields("", body, "targetGroupId", "targetClusterName", "writeStrategy", "indexStrategy"),
		checkEnum(body, "writeStrategy", "CREATE_NEW", "OVERWRITE_EXISTING"),
		checkEnum(body, "indexStrategy", "ALL", "NONE", "ALL_EXCEPT_TTL"),
		checkSuffixes(suffixes),
		s.checkNamespaces(lists),
	)
	if err != nil {
		return nil, err
	}
	content, err := s.collectionSource(res, body)
	if err != nil {
		return nil, err
	}
	target, err := s.findDestination(res, body["targetGroupId"], body["targetClusterName"], pathName)
	if err != nil {
		return nil, err
	}
	if err := firstError(s.checkTargetState(target), s.checkOneCollectionJob(res, body)); err != nil {
		return nil, err
	}
	now := s.now()
	job := &collectionJob{
		id:          s.newID(now),
		resource:    res,
		fields:      body,
		created:     now,
		finishesAt:  now.Add(s.opts.restoreDurations[cloud]),
		skipIndexes: body["indexStrategy"] == "NONE",
	}
	job.namespaces = selectNamespaces(job, content)
	return job, nil
}

func collectionFields() map[string]fieldKind {
	known := readOnlyFields("id", "state", "createdAt", "finishedAt", "errorMessage", "restoredDocuments", "totalDocuments", "indexStatus")
	known["targetGroupId"] = isID
	known["targetClusterName"] = isName
	known["writeStrategy"] = isText
	known["indexStrategy"] = isText
	known["snapshotId"] = isID
	known["pointInTimeUtcSeconds"] = isSeconds
	known["oplogTs"] = isSeconds
	known["oplogInc"] = isNumber
	return known
}

func checkEnum(body map[string]any, field string, values ...string) *apiError {
	value := asString(body[field])
	if slices.Contains(values, value) {
		return nil
	}
	err := newAPIError(http.StatusBadRequest, "INVALID_ENUM_VALUE", "An invalid enumeration value "+value+" was specified.", value)
	err.field = field
	return err
}

func checkSuffixes(suffixes map[string]any) *apiError {
	for field, value := range suffixes {
		if _, ok := value.(string); !ok {
			return wrongType(field)
		}
	}
	return nil
}

// checkNamespaces checks the selected collections and databases.
func (s *Server) checkNamespaces(lists map[string]any) *apiError {
	selected := 0
	for _, field := range slices.Sorted(maps.Keys(lists)) {
		list, ok := lists[field].([]any)
		if !ok || len(list) > maxNamespaces {
			return wrongType(field)
		}
		for i, item := range list {
			if err := s.checkNamespace(fmt.Sprintf("%s[%d]", field, i), item, field == "collections"); err != nil {
				return err
			}
		}
		selected += len(list)
	}
	if selected == 0 {
		return newAPIError(http.StatusBadRequest, "MISSING_ATTRIBUTE", "One of collections, databases must be specified.", "collections", "databases")
	}
	return nil
}

// checkNamespace checks one item: collections have the form database.collection.
func (s *Server) checkNamespace(path string, item any, isCollection bool) *apiError {
	namespace, ok := item.(map[string]any)
	if !ok {
		return wrongType(path)
	}
	known := map[string]fieldKind{"sourceNamespace": isText}
	required := selectFields(namespace, "sourceNamespace")
	optional := maps.Clone(namespace)
	delete(optional, "sourceNamespace")
	if target, given := optional["targetNamespace"]; given {
		if _, isString := target.(string); !isString { // it can be empty
			return wrongType(path + ".targetNamespace")
		}
		delete(optional, "targetNamespace")
	}
	err := firstError(
		s.checkFields(path+".", optional, nil),
		s.checkFields(path+".", required, known),
		requireFields(path+".", namespace, "sourceNamespace"),
	)
	if err != nil {
		return err
	}
	for _, field := range []string{"sourceNamespace", "targetNamespace"} {
		name := asString(namespace[field])
		database, collection, hasDot := strings.Cut(name, ".")
		isValid := name == "" || (database != "" && hasDot == isCollection && (collection != "" || !isCollection))
		if !isValid {
			return wrongType(path + "." + field)
		}
	}
	return nil
}

// collectionSource checks the restore point and returns its databases. A point in time has those of
// the oldest snapshot.
func (s *Server) collectionSource(res *resource, body map[string]any) (map[string][]string, *apiError) {
	point, err := exactlyOne("", body, []string{"snapshotId"}, []string{"pointInTimeUtcSeconds"}, []string{"oplogTs", "oplogInc"})
	if err != nil {
		return nil, err
	}
	if point != "snapshotId" {
		at := time.Unix(int64(parseInt(body[point])), 0)
		if err := s.checkPoint(res, at); err != nil {
			return nil, err
		}
		return s.restorableRanges(res)[0].base.content(), nil
	}
	plan := &createPlan{}
	if err := plan.resolveSnapshot(s, res, body["snapshotId"]); err != nil {
		return nil, err
	}
	snap, err := s.findSnapshot(res, plan.snapshot)
	if err != nil {
		return nil, err
	}
	if snap.doc["snapshotType"] == "fallback" {
		return nil, newAPIError(http.StatusBadRequest, "VALIDATION_ERROR", "Collections cannot be restored from a fallback snapshot.", snap.id)
	}
	return snap.content(), nil
}

// checkOneCollectionJob refuses a second job while one of the same source or target is unfinished.
func (s *Server) checkOneCollectionJob(res *resource, body map[string]any) *apiError {
	for _, job := range s.collectionJobs {
		sameTarget := job.fields["targetGroupId"] == body["targetGroupId"] && job.fields["targetClusterName"] == body["targetClusterName"]
		if (job.resource == res || sameTarget) && !s.hasEnded(job) {
			return newAPIError(http.StatusConflict, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", "Another restore of collections is in progress.", job.id)
		}
	}
	return nil
}

// selectNamespaces returns every collection that the job restores, in the order of its source.
func selectNamespaces(job *collectionJob, content map[string][]string) []*restoredNamespace {
	var selected []*restoredNamespace
	add := func(database, collection, target string, exists bool) {
		n := &restoredNamespace{source: database + "." + collection, outcome: "SUCCESSFUL"}
		if !exists {
			n.outcome = "NOT_FOUND"
		}
		n.target = target
		n.effective = job.effectiveNamespace(n)
		isListed := slices.ContainsFunc(selected, func(other *restoredNamespace) bool { return other.source == n.source })
		if !isListed {
			selected = append(selected, n)
		}
	}
	for _, item := range namespaceItems(job.fields["collections"]) {
		database, collection, _ := strings.Cut(item.source, ".")
		target := item.target
		if target == "" {
			target = database + asString(job.fields["databaseSuffix"]) + "." + collection + asString(job.fields["collectionSuffix"])
		}
		add(database, collection, target, slices.Contains(content[database], collection))
	}
	for _, item := range namespaceItems(job.fields["databases"]) {
		target := item.target
		if target == "" {
			target = item.source + asString(job.fields["databaseSuffix"])
		}
		for _, collection := range slices.Sorted(slices.Values(content[item.source])) {
			add(item.source, collection, target+"."+collection+asString(job.fields["collectionSuffix"]), true)
		}
	}
	return selected
}

func namespaceItems(value any) []restoredNamespace {
	list, _ := value.([]any)
	var items []restoredNamespace
	for _, item := range list {
		fields, _ := item.(map[string]any)
		items = append(items, restoredNamespace{source: asString(fields["sourceNamespace"]), target: asString(fields["targetNamespace"])})
	}
	return items
}

// effectiveNamespace is the name after a conflict was solved: a new collection beside its source gets
// another name.
func (c *collectionJob) effectiveNamespace(n *restoredNamespace) string {
	besideSource := c.fields["targetGroupId"] == c.resource.project && c.fields["targetClusterName"] == c.resource.name
	if besideSource && n.target == n.source && c.fields["writeStrategy"] == "CREATE_NEW" {
		return n.target + "_" + c.id
	}
	return n.target
}
