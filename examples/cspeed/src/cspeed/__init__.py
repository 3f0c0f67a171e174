"""Edit distance of two texts."""

from cspeed._distance import distance

__all__ = ["distance"]
