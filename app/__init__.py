try:
    import not_of_the_module
except ImportError:
    pass
