"""The record of law: holders, licences, photos and instances, in two times; the change feed."""
